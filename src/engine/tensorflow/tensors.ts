import { UnravelError } from '../../contract/errors.ts';
import { loadNative, type AttributeName, type NativeBinding, type OpAttribute } from './binding.ts';

declare const brand: unique symbol;
/**
 * A tensor in TensorFlow's memory, known by its number. Whoever got it from an operation owns it and frees it;
 * nothing is collected automatically, which is what keeps training at half of the memory.
 */
export type Tensor = number & { readonly [brand]: true };

/** What a tensor's numbers are: TensorFlow's `DataType`. */
export const Dtype = { float: 1, int32: 3, uint8: 4, bfloat16: 14 } as const;
export type Dtype = (typeof Dtype)[keyof typeof Dtype];

/** Attributes in the shape that the native call wants, made once and used for every call. */
export type Attributes = readonly OpAttribute[];

let native: NativeBinding | undefined;
let calls = 0;
/** Tensors that are not freed yet. Their numbers never come again. */
const alive = new Set<Tensor>();

/** What a piece of work has made so far, to be given back if it fails. */
interface Made {
  readonly tensors: Set<Tensor>;
  readonly undo: (() => void)[];
}

let made: Made | undefined;

/** Notes a tensor that the binding has made. */
function own(id: number): Tensor {
  const tensor = id as Tensor;
  alive.add(tensor);
  made?.tensors.add(tensor);
  return tensor;
}

/**
 * Does a piece of work that makes tensors. If it throws, all tensors that it has made and not freed are given back:
 * an operation may fail anywhere, for want of memory above all, and whoever called may go on.
 *
 * @param work - may not be asynchronous: what runs meanwhile would count as its own
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
        // Why the work failed is what matters.
      }
    }
    free(...own.tensors);
    throw error;
  } finally {
    made = outer;
  }
}

/** Has something undone if the piece of work under way fails; nothing where none is. */
export function undoOnFailure(undo: () => void): void {
  made?.undo.push(undo);
}

/** Keeps a tensor that was just made although the piece of work under way may fail: it is for the next one, too. */
export function keepOnFailure(tensor: Tensor): Tensor {
  made?.tensors.delete(tensor);
  return tensor;
}

function binding(): NativeBinding {
  native ??= loadNative().binding;
  return native;
}

type Values<T> = Readonly<Partial<Record<AttributeName, T>>>;

/** Makes an operation's attributes, by the kinds of their values. */
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

/** Runs an operation with one result. The inputs stay the caller's, the result becomes the caller's. */
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
 * Makes a tensor of an array. On a CPU the memory is shared: leave the array alone until the tensor is freed.
 *
 * @param shape - its sizes, rows last varying fastest; `[]` for a single number
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

/** A list of int32, as shapes and sizes are given to operations. */
export function intVector(values: readonly number[]): Tensor {
  return upload([values.length], Int32Array.from(values));
}

/** Copies a float32 tensor's numbers into a new array; waits until they are computed. */
export function download(tensor: Tensor): Float32Array {
  return binding().tensorDataSync(tensor) as Float32Array;
}

/** Gives tensors' memory back; those that {@link freeOnFailure} has freed are passed over. */
export function free(...tensors: readonly (Tensor | undefined)[]): void {
  for (const tensor of tensors) {
    if (tensor === undefined || !alive.delete(tensor)) continue;
    made?.tensors.delete(tensor);
    binding().deleteTensor(tensor);
  }
}

/** Number of tensors alive in this process, for tests and the benchmark. */
export function liveTensors(): number {
  return binding().getNumOfTensors();
}

/** Number of operations run so far in this process. */
export function operationCount(): number {
  return calls;
}
