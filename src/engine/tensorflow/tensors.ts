import { UnravelError } from '../../contract/errors.ts';
import { loadNative, type AttributeName, type NativeBinding, type OpAttribute } from './binding.ts';

declare const brand: unique symbol;
/**
 * The number of a tensor in TensorFlow's memory. The caller of an operation owns its result and frees it; nothing
 * is freed automatically. Freeing tensors early halves the memory of a training.
 */
export type Tensor = number & { readonly [brand]: true };

/** The type of a tensor's numbers: TensorFlow's `DataType`. */
export const Dtype = { float: 1, int32: 3, uint8: 4, bfloat16: 14 } as const;
export type Dtype = (typeof Dtype)[keyof typeof Dtype];

/** Attributes in the form of the native call, which can be used for many calls. */
export type Attributes = readonly OpAttribute[];

let native: NativeBinding | undefined;
let calls = 0;
/** Tensors that are not freed yet. A number is never used for a second tensor. */
const alive = new Set<Tensor>();

/** The tensors that the current work has made, which are freed if it fails, and further functions to undo it. */
interface Made {
  readonly tensors: Set<Tensor>;
  readonly undo: (() => void)[];
}

let made: Made | undefined;

/** Registers a tensor that the binding has made. */
function own(id: number): Tensor {
  const tensor = id as Tensor;
  alive.add(tensor);
  made?.tensors.add(tensor);
  return tensor;
}

/**
 * Runs work that makes tensors. If it throws, all tensors that it made are freed, because any operation may fail,
 * above all for lack of memory, and the caller may continue after that.
 *
 * @param work - must be synchronous; otherwise tensors that other code makes meanwhile would be freed too
 */
export function freeOnFailure<T>(work: () => T): T {
  const outer = made;
  const own: Made = { tensors: new Set(), undo: [] };
  made = own;
  try {
    const result = work();
    for (const tensor of own.tensors) outer?.tensors.add(tensor);
    outer?.undo.push(...own.undo);
    return result;
  } catch (error) {
    made = undefined;
    for (const undo of own.undo.reverse()) {
      try {
        undo();
      } catch {
        // The error of the work itself is more important.
      }
    }
    free(...own.tensors);
    throw error;
  } finally {
    made = outer;
  }
}

/** Registers a function to call if the current {@link freeOnFailure} fails. Does nothing outside of it. */
export function undoOnFailure(undo: () => void): void {
  made?.undo.push(undo);
}

/** Keeps a tensor even if the current {@link freeOnFailure} fails, because later work uses it too. */
export function keepOnFailure(tensor: Tensor): Tensor {
  made?.tensors.delete(tensor);
  return tensor;
}

function binding(): NativeBinding {
  native ??= loadNative().binding;
  return native;
}

type Values<T> = Readonly<Partial<Record<AttributeName, T>>>;

/** Makes an operation's attributes, grouped by the types of their values. */
export function attributes(values: {
  readonly types?: Values<Dtype>;
  readonly ints?: Values<number | readonly number[]>;
  readonly floats?: Values<number>;
  readonly bools?: Values<boolean>;
  readonly strings?: Values<string>;
  readonly shapes?: Values<readonly number[]>;
}): Attributes {
  const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_STRING, TF_ATTR_SHAPE } = binding();
  const of = (type: number, entries: Values<unknown> = {}): OpAttribute[] =>
    Object.entries(entries).map(([name, value]) => ({ name: name as AttributeName, type, value }));
  return [
    ...of(TF_ATTR_TYPE, values.types),
    ...of(TF_ATTR_INT, values.ints),
    ...of(TF_ATTR_FLOAT, values.floats),
    ...of(TF_ATTR_BOOL, values.bools),
    ...of(TF_ATTR_STRING, values.strings),
    ...of(TF_ATTR_SHAPE, values.shapes),
  ];
}

function execute(
  name: string,
  attrs: Attributes,
  inputs: readonly Tensor[],
  outputs: number,
): { id: number }[] {
  calls += 1;
  try {
    return binding().executeOp(name, attrs, inputs, outputs);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const outOfMemory = /OOM|out of memory|ResourceExhausted/i.test(reason);
    throw new UnravelError('native', `TensorFlow could not compute ${name}: ${reason}`, {
      cause,
      hint: outOfMemory ? 'Use a smaller batch.' : 'Please report this, and what you did before.',
      remedy: outOfMemory ? 'smaller-batch' : 'report',
    });
  }
}

/** Runs an operation with one result. The caller owns the inputs and the result. */
export function run(name: string, attrs: Attributes, ...inputs: readonly Tensor[]): Tensor {
  return own(execute(name, attrs, inputs, 1)[0]!.id);
}

/** Runs an operation with several results, or none. */
export function runMany(
  name: string,
  attrs: Attributes,
  inputs: readonly Tensor[],
  outputs: number,
): Tensor[] {
  return execute(name, attrs, inputs, outputs).map(({ id }) => own(id));
}

/**
 * Makes a tensor from an array. On a CPU the memory is shared, so the array must not be changed until the tensor is
 * freed.
 *
 * @param shape - the shape, last axis varying fastest; `[]` for a single number
 */
export function upload(shape: readonly number[], data: Float32Array | Int32Array | Uint8Array): Tensor {
  const dtype =
    data instanceof Float32Array ? Dtype.float : data instanceof Int32Array ? Dtype.int32 : Dtype.uint8;
  return own(binding().createTensor(shape, dtype, data));
}

/** A single float32. */
export function scalar(value: number): Tensor {
  return upload([], Float32Array.of(value));
}

/** A vector of int32, for shapes and sizes of operations. */
export function intVector(values: readonly number[]): Tensor {
  return upload([values.length], Int32Array.from(values));
}

/** Waits until a float32 tensor is computed, and copies its numbers into a new array. */
export function download(tensor: Tensor): Float32Array {
  return binding().tensorDataSync(tensor) as Float32Array;
}

/** Frees tensors; those that {@link freeOnFailure} has freed are ignored. */
export function free(...tensors: readonly (Tensor | undefined)[]): void {
  for (const tensor of tensors) {
    if (tensor === undefined || !alive.delete(tensor)) continue;
    made?.tensors.delete(tensor);
    binding().deleteTensor(tensor);
  }
}

/** Number of tensors in this process that are not freed, for tests and the benchmark. */
export function liveTensors(): number {
  return binding().getNumOfTensors();
}

/** Number of operations run so far in this process. */
export function operationCount(): number {
  return calls;
}
