/** The types of numbers that arrays are stored in, by their names in NumPy and PyTorch. */
export type NumberType = keyof typeof NUMBER_BYTES;

/** The size of a number of each type, in bytes. */
export const NUMBER_BYTES = {
  bool: 1,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float8_e4m3: 1,
  float8_e5m2: 1,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
} as const;

/** Numbers of any type. Booleans are bytes; floats of less than 32 bits are converted to float32, which is exact. */
export type Numbers =
  | Uint8Array<ArrayBuffer>
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array<ArrayBuffer>
  | Float64Array;

/** Numbers that need no other arithmetic than JavaScript's own. */
export type PlainNumbers = Float32Array<ArrayBuffer> | Float64Array | Uint8Array<ArrayBuffer> | Int32Array;

/** The value of an IEEE 754 half-precision number from its 16 bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The value of a number of OCP's FP8 format E4M3 from its 8 bits; it has no infinity. */
function e4m3ToFloat(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 0xf;
  const fraction = bits & 7;
  if ((bits & 0x7f) === 0x7f) return Number.NaN;
  return exponent === 0 ? (sign * fraction) / 512 : sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}

/** Reverses the bytes of every number. */
function swapBytes(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
}

/**
 * Decodes stored numbers.
 *
 * @param bytes - whole numbers; copied unless they begin at the start of a buffer and need no change
 * @param isBigEndian - whether their most significant byte comes first
 */
export function decodeNumbers(
  type: NumberType,
  bytes: Uint8Array<ArrayBuffer>,
  isBigEndian = false,
): Numbers {
  const size = NUMBER_BYTES[type];
  const mustSwap = isBigEndian && size > 1;
  const own = mustSwap || bytes.byteOffset % size !== 0 ? new Uint8Array(bytes) : bytes;
  if (mustSwap) swapBytes(Buffer.from(own.buffer, own.byteOffset, own.byteLength), size);
  const { buffer, byteOffset } = own;
  const length = Math.floor(own.byteLength / size);
  switch (type) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(buffer, byteOffset, length);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, length);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, length);
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, length);
    case 'int8':
      return new Int8Array(buffer, byteOffset, length);
    case 'int16':
      return new Int16Array(buffer, byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, length);
    case 'float32':
      return new Float32Array(buffer, byteOffset, length);
    case 'float64':
      return new Float64Array(buffer, byteOffset, length);
    case 'float8_e4m3':
      return Float32Array.from(own, e4m3ToFloat);
    case 'float8_e5m2':
      return Float32Array.from(own, (bits) => halfToFloat(bits << 8));
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, length), halfToFloat);
    case 'bfloat16': {
      // Its 16 bits are the upper half of a float32.
      const bits = Uint32Array.from(new Uint16Array(buffer, byteOffset, length), (upper) => upper << 16);
      return new Float32Array(bits.buffer);
    }
  }
}

/**
 * Numbers as the nearest of four types: small integers as int32, large ones as float64, which is exact up to 2⁵³.
 *
 * @returns the array itself where it is of one of them
 */
export function plainNumbers(numbers: Numbers): PlainNumbers {
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    return Float64Array.from(numbers as Iterable<bigint>, Number);
  }
  if (numbers instanceof Uint32Array) return Float64Array.from(numbers);
  if (numbers instanceof Int8Array || numbers instanceof Int16Array || numbers instanceof Uint16Array) {
    return Int32Array.from(numbers);
  }
  return numbers;
}
