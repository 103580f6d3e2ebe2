import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { UnravelError } from '../../contract/errors.ts';
import { quietly } from './quietly.ts';

/** Every attribute of every operation that is used; `registerAttributeNames` says why they are listed. */
const ATTRIBUTE_NAMES = [
  ...[
    'T',
    'U',
    'dtype',
    'type',
    'SrcT',
    'DstT',
    'Tshape',
    'Tshift',
    'Taxis',
    'Tpaddings',
    'Tidx',
    'Index',
    'N',
    'Truncate',
  ],
  ...['strides', 'dilations', 'padding', 'data_format', 'use_cudnn_on_gpu', 'transpose_a', 'transpose_b'],
  ...['epsilon', 'is_training', 'exponential_avg_factor', 'alpha', 'keep_dims'],
  ...['shape', 'shared_name', 'container', 'use_locking', 'use_nesterov', 'ignore_lookup_error'],
  ...['channels', 'ratio', 'fancy_upscaling', 'try_recover_truncated', 'acceptable_fraction', 'dct_method'],
] as const;
export type AttributeName = (typeof ATTRIBUTE_NAMES)[number];

/** An attribute of a TensorFlow operation, as the binding takes it. */
export interface OpAttribute {
  readonly name: AttributeName;
  readonly type: number;
  readonly value: unknown;
}

/**
 * The native binding of `@tensorflow/tfjs-node-gpu` 4.22.0: TensorFlow's eager C API over tensor ids. It is
 * private API of that package, so the package is pinned and only `engine/tensorflow` uses it.
 */
export interface NativeBinding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_UINT8: number;
  readonly TF_STRING: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  /** Shares the array's memory with TensorFlow until the tensor is deleted. */
  createTensor(shape: readonly number[], dtype: number, data: unknown): number;
  deleteTensor(id: number): void;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): { id: number; shape: number[]; dtype: number }[];
  /** Copies a tensor's data to a new array; waits until it is computed. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

/** TensorFlow, ready to use. */
export interface Native {
  readonly binding: NativeBinding;
  /** TensorFlow's version, such as `2.21.0`. */
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
}

let loaded: Native | undefined;

/** Node-API levels that the package builds its addon for; a later Node loads the last. */
const LAST_NAPI_LEVEL = 8;

/**
 * Loads TensorFlow on first use, a fifth of a second; in further threads of the process a few milliseconds.
 *
 * The main thread must have loaded it before a worker thread does: it is the one that can say nothing meanwhile
 * (standard error is the whole process's), and that registers the names below.
 *
 * @throws UnravelError `native` when the library or the addon is missing or cannot be loaded
 */
export function loadNative(): Native {
  loaded ??= load();
  return loaded;
}

/**
 * Only the package's addon is loaded, not its JavaScript: the layers, gradients and kernels of tfjs would take
 * 0.4 s and 70 MB in every worker thread, and nothing here calls them. Nor does it matter then that tfjs-node
 * uses functions which Node 23 removed (tensorflow/tfjs#8609).
 */
function load(): Native {
  // Level 2 keeps errors and drops TensorFlow's remarks about the processor, which look like trouble to people.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    const level = Math.min(LAST_NAPI_LEVEL, Number(process.versions['napi']));
    const addon = join(folder, 'lib', `napi-v${level}`, 'tfjs_binding.node');
    const binding = isMainThread
      ? quietly(() => registerAttributeNames(require(addon) as NativeBinding))
      : (require(addon) as NativeBinding);
    return { binding, version: binding.TF_Version, device: binding.isUsingGpuDevice() ? 'gpu' : 'cpu' };
  } catch (cause) {
    throw new UnravelError('native', 'TensorFlow could not be loaded.', {
      cause,
      hint: 'Install Unravel again, or set it up again, which says what is missing.',
      remedy: 'set-up',
    });
  }
}

/**
 * Has the addon note the names of all attributes. It keeps every name it meets in one set for all threads, without
 * a lock: two worker threads that meet new names at the same time corrupt it, and the process dies. Once a name is
 * in the set it is only looked up, so a process that loads TensorFlow in its main thread before it starts workers
 * is safe. The operation itself does nothing and complains on standard error that it has no such attributes.
 */
function registerAttributeNames(binding: NativeBinding): NativeBinding {
  const attributes = ATTRIBUTE_NAMES.map((name) => ({ name, type: binding.TF_ATTR_INT, value: 0 }));
  try {
    binding.executeOp('NoOp', attributes, [], 0);
  } catch {
    // A TensorFlow that refuses instead has noted the names all the same.
  }
  return binding;
}
