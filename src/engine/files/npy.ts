import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readBoundedFile } from '../../system/read-file.ts';
import { decodeNumbers, NUMBER_BYTES, plainNumbers, type NumberType, type PlainNumbers } from './numbers.ts';
import type { HostTensor } from './safetensors.ts';

/** How the elements of a NumPy array are stored. */
export interface NpyElements {
  readonly type: NumberType | 'text';
  /** The size of an element in bytes. */
  readonly elementBytes: number;
  readonly isBigEndian: boolean;
  /** Whether texts are stored as 32-bit code points instead of bytes. */
  readonly isUnicode: boolean;
}

/** A NumPy array file's header. */
export interface NpyHeader extends NpyElements {
  /** The shape as NumPy shows it. */
  readonly shape: readonly number[];
  /** Whether the first axis varies fastest. */
  readonly isFortran: boolean;
  /** Number of bytes before the elements. */
  readonly offset: number;
  /** Size of all elements in bytes. */
  readonly bytes: number;
}

const MAGIC = '\x93NUMPY';
const MAX_HEADER_BYTES = 1 << 20;
/** Maximum size of a file, which is read into one buffer: sixteen million codes of 32 dimensions. */
const MOST_FILE_BYTES = 2 ** 31 - 1;
/** NumPy's names of the kinds of numbers. */
const KINDS: Readonly<Record<string, string>> = { f: 'float', i: 'int', u: 'uint', c: 'complex', b: 'bool' };

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

/** The elements of a type code such as `<f4`, `|u1` and `<U12`; undefined if they cannot be read. */
function elementsOf(code: string): NpyElements | undefined {
  const [, order, kind, digits] = /^([<>|=]?)([a-zA-Z])(\d+)$/.exec(code) ?? [];
  const size = Number(digits);
  const isBigEndian = order === '>';
  if (kind === 'U') return { type: 'text', elementBytes: 4 * size, isBigEndian, isUnicode: true };
  if (kind === 'S' || kind === 'a') {
    return { type: 'text', elementBytes: size, isBigEndian, isUnicode: false };
  }
  const type = numpyTypeName(code);
  if (!Object.hasOwn(NUMBER_BYTES, type)) return undefined;
  return { type: type as NumberType, elementBytes: size, isBigEndian, isUnicode: false };
}

/**
 * Reads a NumPy header (format versions 1 to 3). The header is a Python dictionary, which is matched by regular
 * expressions and never executed.
 *
 * @param start - the file's first bytes, at least {@link npyHeaderBytes} of them
 * @param path - what to call the file in errors
 * @throws UnravelError `bad-input`, also for arrays of Python objects (pickles) and of types that are not supported
 */
export function parseNpyHeader(start: Buffer, path: string): NpyHeader {
  const offset = npyHeaderBytes(start, path);
  const text = start.toString('latin1', start[6]! >= 2 ? 12 : 10, offset);
  const code = /'descr'\s*:\s*'([^']+)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shapeText = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (code === undefined && /'descr'\s*:\s*[[(]/.test(text)) {
    throw broken('its elements have several fields (a structured type)', path);
  }
  if (code === undefined || order === undefined || shapeText === undefined) {
    throw broken('its header does not describe an array of numbers', path);
  }
  if (/O\d*$/.test(code)) throw broken('it holds Python objects, which are never unpickled', path);
  const elements = elementsOf(code);
  if (!elements) throw broken(`numbers of type ${numpyTypeName(code)} are not supported`, path);
  const parts = shapeText.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map(Number);
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0)) throw broken('its shape makes no sense', path);
  const bytes = shape.reduce((product, n) => product * n, elements.elementBytes);
  if (!Number.isSafeInteger(bytes)) throw broken('its shape makes no sense', path);
  return { ...elements, shape, isFortran: order === 'True' && shape.length > 1, offset, bytes };
}

/** NumPy's name of a type code: `<i4` is int32. */
function numpyTypeName(code: string): string {
  const [, kind, bytes] = /^[<>|=]?([a-zA-Z])(\d+)$/.exec(code) ?? [];
  const name = KINDS[kind ?? ''];
  if (name === undefined) return code;
  return name === 'bool' ? name : `${name}${Number(bytes) * 8}`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A text of bytes, without the zeros that fill its place: UTF-8, or else Latin-1. */
function textOfBytes(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const used = bytes.subarray(0, end);
  try {
    return utf8.decode(used);
  } catch {
    return used.toString('latin1');
  }
}

/** A text of 32-bit code points, without the zeros that fill its place. */
function textOfPoints(bytes: Buffer, isBigEndian: boolean): string {
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    if (point === 0) break;
    text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  }
  return text;
}

/** Decodes texts as NumPy stores them: each in a place of the same size. */
export function decodeNpyTexts(
  { elementBytes, isBigEndian, isUnicode }: NpyElements,
  bytes: Buffer,
): string[] {
  return Array.from({ length: elementBytes === 0 ? 0 : bytes.length / elementBytes }, (_, i) => {
    const own = bytes.subarray(i * elementBytes, (i + 1) * elementBytes);
    return isUnicode ? textOfPoints(own, isBigEndian) : textOfBytes(own);
  });
}

/** Numbers stored with the first axis varying fastest, in the order in which the last one does. */
function rowMajor(data: PlainNumbers, shape: readonly number[]): PlainNumbers {
  const result = data.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, n) => product * n, 1));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/**
 * Reads a `.npy` file of numbers.
 *
 * @returns its numbers, the last axis varying fastest; 64-bit integers as float64
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readNpy(path: string): Promise<HostTensor<PlainNumbers>> {
  const file = await readBoundedFile(path, { followLinks: true, mostBytes: MOST_FILE_BYTES });
  const length = npyHeaderBytes(file, path);
  if (file.length < length) throw broken('it ends early', path);
  const { type, shape, isFortran, isBigEndian, offset, bytes } = parseNpyHeader(file, path);
  if (type === 'text') throw broken('it holds text, not numbers', path);
  if (file.length - offset !== bytes) throw broken('it ends early', path);
  const data = plainNumbers(decodeNumbers(type, new Uint8Array(file.subarray(offset)), isBigEndian));
  return { shape, data: isFortran ? rowMajor(data, shape) : data };
}

const CODES = new Map<unknown, string>([
  [Float32Array, '<f4'],
  [Float64Array, '<f8'],
  [Int32Array, '<i4'],
  [Uint8Array, '|u1'],
]);

/** An array as a `.npy` file: its header (version 1) and its numbers, which are not copied. */
export function encodeNpy({
  shape,
  data,
}: HostTensor<Float32Array | Float64Array | Uint8Array | Int32Array>): [Buffer, Uint8Array] {
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
export async function writeNpy(
  path: string,
  tensor: HostTensor<Float32Array | Float64Array | Uint8Array | Int32Array>,
): Promise<void> {
  await writeFileAtomic(path, ...encodeNpy(tensor));
}
