import type { NumberType } from '../numbers.ts';

/** Why a pickle is not read. The message is the end of a sentence that begins with the file: “it asks for …”. */
export class PickleRefusal extends Error {}

/** A class or function that a pickle names. It is a name only: nothing is imported or called. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A tuple; a list is an array. */
export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** The bytes of one or several of PyTorch's tensors, which are in another part of the file. */
export class PickleStorage {
  readonly type: NumberType;
  readonly key: string;
  /** How many numbers it holds. */
  readonly length: number;

  constructor(type: NumberType, key: string, length: number) {
    this.type = type;
    this.key = key;
    this.length = length;
  }
}

/** A tensor of PyTorch: a view of a storage. */
export class PickleTensor {
  readonly storage: PickleStorage;
  /** The index of its first number in the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** How many numbers lie from one index to the next, for each axis. */
  readonly strides: readonly number[];

  constructor(storage: PickleStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** The type of NumPy's numbers. */
export class PickleDtype {
  /** NumPy's letter and size, such as `f4`. */
  readonly code: string;
  isBigEndian = false;

  constructor(code: string) {
    this.code = code;
  }
}

/** An array of NumPy. Its parts are undefined until the pickle states them. */
export class PickleArray {
  dtype: PickleDtype | undefined;
  shape: readonly number[] = [];
  /** Whether the first index varies fastest. */
  isFortran = false;
  bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** What a pickle may hold. Integers beyond 2⁵³ are `bigint`; Python's byte strings are `Uint8Array`. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array<ArrayBuffer>
  | PickleValue[]
  | PickleTuple
  | PickleDict
  | Set<PickleValue>
  | PickleGlobal
  | PickleStorage
  | PickleTensor
  | PickleDtype
  | PickleArray;

/** A dictionary, ordered as it was filled. */
export type PickleDict = Map<PickleValue, PickleValue>;
