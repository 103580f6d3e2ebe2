import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { UnravelError } from '../../contract/errors.ts';
import { quietly } from './quietly.ts';

/** All attributes of all operations that are used. `registerAttributeNames` explains why they are listed. */
const ATTRIBUTE_NAMES = [
  ...[
    'T',
    'U',
    'dtype',
    'type',
    'SrcT',
    'DstT',
    'Tshape',
    'out_type',
    'Tshift',
    'Taxis',
    'Tpaddings',
    'Tidx',
    'Index',
    'N',
    'Truncate',
  ],
  ...[
    'strides',
    'dilations',
    'ksize',
    'padding',
    'data_format',
    'use_cudnn_on_gpu',
    'transpose_a',
    'transpose_b',
  ],
  ...['epsilon', 'is_training', 'exponential_avg_factor', 'alpha', 'keep_dims'],
  ...['shape', 'shared_name', 'container', 'use_locking', 'use_nesterov', 'ignore_lookup_error'],
  ...['explicit_paddings', 'align_corners', 'half_pixel_centers'],
  ...['channels', 'ratio', 'fancy_upscaling', 'try_recover_truncated', 'acceptable_fraction', 'dct_method'],
] as const;
export type AttributeName = (typeof ATTRIBUTE_NAMES)[number];

/** An attribute of a TensorFlow operation in the form that the binding takes. */
export interface OpAttribute {
  readonly name: AttributeName;
  readonly type: number;
  readonly value: unknown;
}

/**
 * The native binding of `@tensorflow/tfjs-node-gpu` 4.22.0: TensorFlow's eager C API over tensor ids. It is a
 * private API of that package. The package is therefore pinned, and only `engine/tensorflow` uses it.
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
  /** On a CPU the tensor shares the array's memory until it is deleted. */
  createTensor(shape: readonly number[], dtype: number, data: unknown): number;
  deleteTensor(id: number): void;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): { id: number; shape: number[]; dtype: number }[];
  /** Waits until a tensor is computed, and copies its data to a new array. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

/** The loaded TensorFlow library. */
export interface Native {
  readonly binding: NativeBinding;
  /** TensorFlow's version, such as `2.21.0`. */
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
}

let loaded: Native | undefined;

/** The highest Node-API level for which the package has an addon. Later Node versions load this one. */
const LAST_NAPI_LEVEL = 8;

/**
 * Loads TensorFlow on first use. It takes a fifth of a second, and a few milliseconds in further threads.
 *
 * The main thread must load it before any worker thread does: it suppresses the messages on standard error, which
 * belongs to the whole process, and registers the attribute names.
 *
 * @throws UnravelError `native` when the library or the addon is missing or cannot be loaded
 */
export function loadNative(): Native {
  loaded ??= load();
  return loaded;
}

/**
 * Only the package's addon is loaded, not its JavaScript. The layers, gradients and kernels of tfjs are not used,
 * and would take 0.4 s and 70 MB in every worker thread. tfjs-node also uses functions that Node 23 removed
 * (tensorflow/tfjs#8609).
 */
function load(): Native {
  // Level 2 shows errors, and hides TensorFlow's messages about the processor, which look like errors to people.
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
 * Makes the addon store the names of all attributes. The addon keeps names in one set for all threads, without a
 * lock: if two worker threads add new names at the same time, the set is corrupted and the process crashes. A name
 * that is in the set is only looked up. So a process is safe if its main thread loads TensorFlow before it starts
 * workers. The operation itself does nothing, and prints a warning to standard error that it has no such
 * attributes.
 */
function registerAttributeNames(binding: NativeBinding): NativeBinding {
  const attributes = ATTRIBUTE_NAMES.map((name) => ({ name, type: binding.TF_ATTR_INT, value: 0 }));
  try {
    binding.executeOp('NoOp', attributes, [], 0);
  } catch {
    // If TensorFlow refuses the attributes, the names are stored nevertheless.
  }
  return binding;
}
