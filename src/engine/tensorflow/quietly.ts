import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Runs `work` while standard error is discarded. libtensorflow prints messages when it is loaded, which no setting
 * hides and which look like errors to people. Without the add-on that does it (on macOS and Windows, whose older
 * TensorFlow prints nothing), `work` is run normally.
 *
 * @returns the result of `work`; its errors are thrown unchanged
 */
export function quietly<T>(work: () => T): T {
  const require = createRequire(import.meta.url);
  const tfjs = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const addon = join(tfjs, 'lib', 'napi-v8', 'quiet_stderr.node');
  if (!existsSync(addon)) return work();
  return (require(addon) as { quietly: (work: () => T) => T }).quietly(work);
}
