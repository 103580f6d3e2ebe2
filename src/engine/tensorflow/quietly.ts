import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Does `work` with standard error sent nowhere, so that libtensorflow's remarks on being loaded, which no setting
 * silences, do not look like trouble to people. Where the set-up did not build the add-on for it (macOS, Windows,
 * whose older TensorFlow says nothing), `work` is simply done.
 *
 * @returns what `work` returns; what it throws passes through
 */
export function quietly<T>(work: () => T): T {
  const require = createRequire(import.meta.url);
  const tfjs = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const addon = join(tfjs, 'lib', 'napi-v8', 'quiet_stderr.node');
  if (!existsSync(addon)) return work();
  return (require(addon) as { quietly: (work: () => T) => T }).quietly(work);
}
