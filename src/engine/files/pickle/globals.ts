import { NUMBER_BYTES, type NumberType } from '../numbers.ts';
import { shownText } from '../../../contract/shown-text.ts';
import {
  PickleArray,
  PickleDtype,
  PickleGlobal,
  PickleRefusal,
  PickleStorage,
  PickleTensor,
  PickleTuple,
  type PickleValue,
} from './values.ts';

// The classes and functions that a pickle may name. Each one that may be called is replaced by a function of this
// file, which makes a plain value; nothing of Python is imported, and nothing that the file contains is run.

/** The types of PyTorch's storages, by the names of their classes. */
const STORAGES: Readonly<Record<string, NumberType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  Float8_e4m3fnStorage: 'float8_e4m3',
  Float8_e5m2Storage: 'float8_e5m2',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

/** Maximum number of axes of a tensor. */
const MOST_AXES = 16;

function refuse(what: string): never {
  throw new PickleRefusal(what);
}

/** A name from the file, short enough for a message. */
export function shortName(name: string): string {
  const shown = shownText(name);
  return shown.length > 120 ? `${shown.slice(0, 120)}…` : shown;
}

/** A whole number that is not negative; `what` begins a sentence about another one. */
function wholeNumber(value: PickleValue | undefined, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return refuse(`${what} is no whole number`);
}

function wholeNumbers(value: PickleValue | undefined, what: string): number[] {
  const items = value instanceof PickleTuple ? value.items : Array.isArray(value) ? value : undefined;
  if (!items) return refuse(`${what} is no list of numbers`);
  if (items.length > MOST_AXES)
    return refuse(`${what} has ${items.length} numbers, and at most ${MOST_AXES} are read`);
  return items.map((item) => wholeNumber(item, what));
}

function makeTensor([storage, offset, shape, strides]: readonly PickleValue[]): PickleTensor {
  if (!(storage instanceof PickleStorage)) return refuse('it describes a tensor that has no storage');
  const sizes = wholeNumbers(shape, 'the shape of a tensor');
  const steps = wholeNumbers(strides, 'the strides of a tensor');
  const first = wholeNumber(offset, 'the position of a tensor');
  if (sizes.length !== steps.length)
    return refuse('the shape and the strides of a tensor do not fit together');
  const last = sizes.reduce((sum, size, i) => sum + (size - 1) * steps[i]!, first);
  if (!sizes.includes(0) && last >= storage.length) return refuse('a tensor lies outside its storage');
  return new PickleTensor(storage, first, sizes, steps);
}

function makeDict(args: readonly PickleValue[]): PickleValue {
  const [pairs] = args;
  if (pairs === undefined) return new Map();
  if (!Array.isArray(pairs)) return refuse('it makes a dictionary of something that is no list');
  return new Map(
    pairs.map((pair) => {
      const items = pair instanceof PickleTuple ? pair.items : pair;
      if (!Array.isArray(items) || items.length !== 2)
        return refuse('it makes a dictionary of something that is no pair');
      return items as [PickleValue, PickleValue];
    }),
  );
}

function joinPath({ items }: { readonly items: readonly PickleValue[] }): string {
  if (!items.every((item) => typeof item === 'string'))
    return refuse('it makes a path of something that is no text');
  return items.join('/').replace(/^\/\//, '/');
}

function makeDtype([code]: readonly PickleValue[]): PickleDtype {
  if (typeof code === 'string' && /^[a-zA-Z]\d{0,4}$/.test(code)) return new PickleDtype(code);
  return refuse('it describes a type of numbers that is not supported');
}

/** Python 2's byte strings in a pickle of Python 3. */
function encodeLatin1([text, encoding]: readonly PickleValue[]): PickleValue {
  if (typeof text !== 'string' || encoding !== 'latin1')
    return refuse('it encodes text in another way than as Latin-1');
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

const asTuple = ([items]: readonly PickleValue[]): PickleValue =>
  items instanceof PickleTuple ? items : refuse('it makes a size of something that is no tuple');
const first = ([value = null]: readonly PickleValue[]): PickleValue => value;
/** A single number of NumPy, whose bytes are not needed. */
const noValue = (): PickleValue => null;

/** What stands in for each function or class that may be called. */
const CALLED: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue>> = {
  'torch._utils._rebuild_tensor': makeTensor,
  'torch._utils._rebuild_tensor_v2': makeTensor,
  'torch._utils._rebuild_parameter': first,
  'torch._utils._rebuild_parameter_with_state': first,
  'torch.Size': asTuple,
  'torch.device': first,
  'collections.OrderedDict': makeDict,
  'numpy.dtype': makeDtype,
  'numpy.core.multiarray._reconstruct': () => new PickleArray(),
  'numpy._core.multiarray._reconstruct': () => new PickleArray(),
  'numpy.core.multiarray.scalar': noValue,
  'numpy._core.multiarray.scalar': noValue,
  '_codecs.encode': encodeLatin1,
  'pathlib.PosixPath': (items) => joinPath({ items }),
  'pathlib.WindowsPath': (items) => joinPath({ items }),
  'pathlib.PurePosixPath': (items) => joinPath({ items }),
};

/**
 * Classes whose objects are only named values, and which training programs write beside the weights: hyperparameters.
 * Their objects are read as dictionaries of their attributes.
 */
const ATTRIBUTES = new Set([
  'argparse.Namespace',
  'types.SimpleNamespace',
  'pytorch_lightning.utilities.parsing.AttributeDict',
  'lightning.pytorch.utilities.parsing.AttributeDict',
  'lightning.fabric.utilities.data.AttributeDict',
  'lightning_fabric.utilities.data.AttributeDict',
]);

/** Names that may stand as a value but are never called: PyTorch's types of numbers, and Lightning's callbacks as keys. */
const VALUES =
  /^(torch\.(float|double|half|bfloat16|float\d+|u?int\d+|long|int|short|bool)|numpy\.ndarray|(pytorch_lightning|lightning\.pytorch)\.callbacks(\.[a-z_]+)+\.[A-Z][A-Za-z]+)$/;

/** The numbers in a storage of this class; undefined for another class. */
function storageType(name: string): NumberType | undefined {
  const [, short] = /^torch(?:\.cuda|\.storage)?\.(\w+)$/.exec(name) ?? [];
  return short !== undefined && Object.hasOwn(STORAGES, short) ? STORAGES[short] : undefined;
}

/**
 * A class or function that a pickle names.
 *
 * @throws PickleRefusal for one that is neither data nor makes data of a model
 */
export function namedGlobal(name: string): PickleGlobal {
  const isKnown =
    Object.hasOwn(CALLED, name) ||
    ATTRIBUTES.has(name) ||
    storageType(name) !== undefined ||
    VALUES.test(name);
  if (isKnown) return new PickleGlobal(name);
  return refuse(`it asks for ${shortName(name)}, which is a program and not a weight`);
}

/**
 * What a pickle means by calling a function or class.
 *
 * @throws PickleRefusal for one that may not be called
 */
export function callGlobal(called: PickleValue, args: PickleValue): PickleValue {
  if (!(called instanceof PickleGlobal)) return refuse('it calls something that is no function');
  if (!(args instanceof PickleTuple)) return refuse(`it calls ${shortName(called.name)} without arguments`);
  if (ATTRIBUTES.has(called.name) && args.items.length === 0) return new Map();
  if (!Object.hasOwn(CALLED, called.name))
    return refuse(`it calls ${shortName(called.name)}, which is a program and not a weight`);
  return CALLED[called.name]!(args.items);
}

/**
 * Makes an object of a class without calling its constructor, which is allowed only for objects that are named values.
 *
 * @throws PickleRefusal for another class
 */
export function newObject(made: PickleValue, args: PickleValue): PickleValue {
  const isAttributes = made instanceof PickleGlobal && ATTRIBUTES.has(made.name);
  if (isAttributes && args instanceof PickleTuple && args.items.length === 0) return new Map();
  const name = made instanceof PickleGlobal ? shortName(made.name) : 'something that is no class';
  return refuse(`it makes an object of ${name}, which is a program and not a weight`);
}

/**
 * Sets the state of an object: attributes of a dictionary, or the parts of NumPy's types and arrays.
 *
 * @throws PickleRefusal for another object
 */
export function setState(object: PickleValue | undefined, state: PickleValue): void {
  if (object instanceof Map) {
    // PyTorch keeps version numbers in an attribute of its dictionaries of weights.
    if (!(state instanceof Map)) return refuse('it sets the state of a dictionary to something that is none');
    if (object.size === 0) for (const [key, value] of state) object.set(key, value);
    return;
  }
  if (object instanceof PickleDtype && state instanceof PickleTuple) {
    object.isBigEndian = state.items[1] === '>';
    return;
  }
  if (object instanceof PickleArray && state instanceof PickleTuple) {
    const [, shape, dtype, isFortran, bytes] = state.items;
    if (!(dtype instanceof PickleDtype)) return refuse('it describes an array without a type');
    object.shape = wholeNumbers(shape, 'the shape of an array');
    object.dtype = dtype;
    object.isFortran = isFortran === true;
    object.bytes = typeof bytes === 'string' ? new Uint8Array(Buffer.from(bytes, 'latin1')) : undefined;
    if (bytes instanceof Uint8Array) object.bytes = bytes;
    return;
  }
  refuse('it sets the state of something that has none');
}

/**
 * What a persistent id stands for: a storage of PyTorch.
 *
 * @throws PickleRefusal for anything else
 */
export function persistentStorage(id: PickleValue): PickleStorage {
  const [kind, type, key, , length] = id instanceof PickleTuple ? id.items : [];
  if (
    kind !== 'storage' ||
    !(type instanceof PickleGlobal) ||
    (typeof key !== 'string' && typeof key !== 'number')
  ) {
    return refuse('it refers to something outside the file that is no storage of PyTorch');
  }
  const numbers = storageType(type.name);
  if (numbers === undefined)
    return refuse(`it holds a storage of ${shortName(type.name)}, whose numbers are not supported`);
  const count = wholeNumber(length, 'the length of a storage');
  if (count * NUMBER_BYTES[numbers] > Number.MAX_SAFE_INTEGER)
    return refuse('a storage is larger than any file');
  return new PickleStorage(numbers, String(key), count);
}
