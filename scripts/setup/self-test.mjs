import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { run } from './commands.mjs';
import { SetupError } from './failure.mjs';
import { parseJson } from './json.mjs';

/**
 * Loads TensorFlow in a process of its own (it may crash) and multiplies two matrices.
 *
 * @param {string} root - the clone
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ version: string, device: 'cpu' | 'gpu', log: string }>} `log` is what TensorFlow printed
 * @throws {SetupError} 'self-test', 'unloadable' (built for another system) or 'no-avx'
 */
export async function selfTest(root, env = process.env) {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...rest } = env;
  const { ok, stdout, output, signal } = await run(process.execPath, [fileURLToPath(import.meta.url), root], {
    env: { ...rest, TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
  });
  if (ok) {
    const found = /** @type {{ version: string, device: 'cpu' | 'gpu' }} */ (
      parseJson(stdout.trim().split('\n').at(-1) ?? '')
    );
    return { ...found, log: output };
  }
  if (signal === 'SIGILL' || /compiled to use .*AVX/i.test(output)) {
    throw new SetupError(
      'no-avx',
      'TensorFlow needs a processor with AVX, which this one (or this virtual machine) does not offer. Run Unravel on another machine.',
    );
  }
  const unloadable = /GLIBC|CXXABI|ERR_DLOPEN_FAILED|cannot open shared object|invalid ELF/i.test(output);
  const complaint =
    output.split('\n').findLast((line) => /Error: |error: /.test(line)) ?? signal ?? 'no answer';
  throw new SetupError(
    unloadable ? 'unloadable' : 'self-test',
    `TensorFlow was installed but does not run here (${complaint.trim()}). Delete Unravel's cache folder and run the command again; if that does not help, open an issue with this line.`,
  );
}

/**
 * Why TensorFlow does not use a GPU, in words.
 *
 * @param {{ device: 'cpu' | 'gpu', log: string }} tested
 * @param {{ driver: boolean, variant: 'cpu' | 'gpu' | 'packaged', refusal?: string | undefined }} found
 * @returns {string | undefined} nothing where it does
 */
export function whyNotGpu({ device, log }, { driver, variant, refusal }) {
  if (device === 'gpu') return undefined;
  if (!driver) return 'no NVIDIA driver was found';
  if (refusal !== undefined) return refusal;
  if (variant === 'cpu') return 'the CPU build is installed';
  const missing = /Could not load dynamic library '([^']+)'/.exec(log)?.[1];
  if (missing) return `the library ${missing} was not found`;
  if (/Cannot dlopen some GPU libraries/i.test(log)) return 'some CUDA libraries could not be loaded';
  const refused = /failed call to cuInit: (?:INTERNAL: )?(.+)/.exec(log)?.[1];
  if (refused) return `the NVIDIA driver refused (${refused.trim()})`;
  return 'TensorFlow found no GPU it can use';
}

/**
 * What the child process does.
 *
 * @param {string} root
 */
function multiply(root) {
  /** @type {(name: string) => unknown} */
  const load = createRequire(join(root, 'package.json'));
  // Removed in Node 23; tfjs-node calls them.
  const removed = {
    isNullOrUndefined: (/** @type {unknown} */ x) => x === null || x === undefined,
    isArray: Array.isArray,
  };
  for (const module of [util, load('util')]) Object.assign(/** @type {object} */ (module), removed);
  const tf = /** @type {typeof import('@tensorflow/tfjs-node-gpu')} */ (load('@tensorflow/tfjs-node-gpu'));
  const product = tf
    .matMul(
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      tf.tensor2d([
        [5, 6],
        [7, 8],
      ]),
    )
    .dataSync();
  if (product.join() !== '19,22,43,50')
    throw new Error(`Error: 2 × 2 matrices multiply to ${product.join()}`);
  // Only the native backend has these.
  const backend = /** @type {{ binding: { TF_Version: string }, isUsingGpuDevice: boolean }} */ (
    /** @type {unknown} */ (tf.backend())
  );
  console.log(
    JSON.stringify({ version: backend.binding.TF_Version, device: backend.isUsingGpuDevice ? 'gpu' : 'cpu' }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) multiply(process.argv[2] ?? '.');
