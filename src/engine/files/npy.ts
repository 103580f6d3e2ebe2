import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readBoundedFile } from '../../system/read-file.ts';
import { halfToFloat, type HostTensor } from './safetensors.ts';

/** A NumPy array file's header. */
export interface NpyHeader {
  /** NumPy's type code, such as `<f4` or `|u1`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Number of bytes before the numbers. */
  readonly offset: number;
  /** Size of all numbers in bytes. */
  readonly bytes: number;
}

/** Arrays that can be read. 64-bit integers are converted to float64, half precision to float32. */
type NpyData = Float32Array | Float64Array | Uint8Array | Int32Array;

const MAGIC = '\x93NUMPY';
const MAX_HEADER_BYTES = 1 << 20;
/** Maximum size of a file, which is read into one buffer: sixteen million codes of 32 dimensions. */
const MOST_FILE_BYTES = 2 ** 31 - 1;

function broken(what: string, path: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    hint: 'Save it again with numpy.save or numpy.savez, as numbers.',
  });
}

/** The number of bytes that {@link parseNpyHeader} needs, computed from the file's first twelve bytes. */
export function npyHeaderBytes(start: Buffer, path: string): number {
  if (start.length < 12 || start.toString('latin1', 0, 6) !== MAGIC)
    throw broken('it is not a NumPy array', path);
  const wide = start[6]! >= 2;
  const total = wide ? 12 + start.readUInt32LE(8) : 10 + start.readUInt16LE(8);
  if (total > MAX_HEADER_BYTES) throw broken('its header is too long', path);
  return total;
}

/**
 * Reads a NumPy header (format versions 1 to 3). The header is a Python dictionary, which is matched by regular
 * expressions and never executed.
 *
 * @param start - the file's first bytes, at least {@link npyHeaderBytes} of them
 * @param path - what to call the file in errors
 * @throws UnravelError `bad-input`, also for arrays of text and of Python objects (pickles)
 */
export function parseNpyHeader(start: Buffer, path: string): NpyHeader {
  const offset = npyHeaderBytes(start, path);
  const text = start.toString('latin1', start[6]! >= 2 ? 12 : 10, offset);
  const dtype = /'descr'\s*:\s*'([^']+)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shapeText = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (dtype === undefined || order === undefined || shapeText === undefined) {
    throw broken('its header does not describe an array of numbers', path);
  }
  if (/O$/.test(dtype)) throw broken('it holds Python objects, which are never unpickled', path);
  if (/[SU]\d+$/.test(dtype)) throw broken('it holds text, not numbers', path);
  const parts = shapeText.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map(Number);
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0)) throw broken('its shape makes no sense', path);
  if (order === 'True' && shape.length > 1) {
    throw broken('it is stored column by column (Fortran order); save numpy.ascontiguousarray of it', path);
  }
  const size = Number(/\d+$/.exec(dtype)?.[0] ?? Number.NaN);
  const bytes = shape.reduce((product, n) => product * n, size);
  if (!Number.isSafeInteger(bytes))
    throw broken(`numbers of type ${numpyTypeName(dtype)} are not supported`, path);
  return { dtype, shape, offset, bytes };
}

/**
 * Decodes an array's numbers.
 *
 * @param bytes - exactly {@link NpyHeader.bytes} of them
 */
export function decodeNpy({ dtype, bytes: expected }: NpyHeader, bytes: Uint8Array, path: string): NpyData {
  if (bytes.length !== expected) throw broken('it ends early', path);
  // Copied for the alignment of wider numbers.
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case '<f4':
      return new Float32Array(buffer);
    case '<f8':
      return new Float64Array(buffer);
    case '<f2':
      return Float32Array.from(new Uint16Array(buffer), halfToFloat);
    case '|u1':
    case '|b1':
      return new Uint8Array(buffer);
    case '|i1':
      return Int32Array.from(new Int8Array(buffer));
    case '<i2':
      return Int32Array.from(new Int16Array(buffer));
    case '<u2':
      return Int32Array.from(new Uint16Array(buffer));
    case '<i4':
      return new Int32Array(buffer);
    case '<u4':
      return Float64Array.from(new Uint32Array(buffer));
    case '<i8':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case '<u8':
      return Float64Array.from(new BigUint64Array(buffer), Number);
    default:
      throw broken(`numbers of type ${numpyTypeName(dtype)} are not supported`, path);
  }
}

/** NumPy's name of a type code: `<i4` is int32. */
export function numpyTypeName(dtype: string): string {
  const [, order, kind, bytes] = /^([<>|=]?)([a-zA-Z])(\d+)$/.exec(dtype) ?? [];
  if (kind === 'b') return 'bool';
  const name = { f: 'float', i: 'int', u: 'uint', c: 'complex' }[kind ?? ''];
  if (name === undefined) return dtype;
  return `${name}${Number(bytes) * 8}${order === '>' ? ' (big-endian)' : ''}`;
}

/**
 * Reads a `.npy` file of numbers.
 *
 * @param checkType - called with NumPy's name of the type before the numbers are decoded
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readNpy(
  path: string,
  checkType?: (name: string) => void,
): Promise<HostTensor<NpyData>> {
  const file = await readBoundedFile(path, { followLinks: true, mostBytes: MOST_FILE_BYTES });
  const length = npyHeaderBytes(file, path);
  if (file.length < length) throw broken('it ends early', path);
  const header = parseNpyHeader(file, path);
  checkType?.(numpyTypeName(header.dtype));
  return { shape: header.shape, data: decodeNpy(header, file.subarray(header.offset), path) };
}

const CODES = new Map<unknown, string>([
  [Float32Array, '<f4'],
  [Float64Array, '<f8'],
  [Int32Array, '<i4'],
  [Uint8Array, '|u1'],
]);

/** An array as a `.npy` file: its header (version 1) and its numbers, which are not copied. */
export function encodeNpy({ shape, data }: HostTensor<NpyData>): [Buffer, Uint8Array] {
  const code = CODES.get(data.constructor) ?? '|u1';
  const tuple = shape.length === 1 ? `(${shape[0]!},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The numbers begin at a multiple of 64, the header ends with a line feed: numpy/lib/format.py.
  const padded = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const header = Buffer.alloc(10 + padded.length);
  header.write(`${MAGIC}\x01\x00`, 'latin1');
  header.writeUInt16LE(padded.length, 8);
  header.write(padded, 10, 'latin1');
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** Writes a `.npy` file atomically. */
export async function writeNpy(path: string, tensor: HostTensor<NpyData>): Promise<void> {
  await writeFileAtomic(path, ...encodeNpy(tensor));
}
