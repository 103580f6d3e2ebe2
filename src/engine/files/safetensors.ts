import type { FileHandle } from 'node:fs/promises';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { openRegularFile } from '../../system/read-file.ts';
import { decodeNumbers, NUMBER_BYTES, plainNumbers, type NumberType } from './numbers.ts';

/** The format's names of the types of numbers. */
const TYPES: Readonly<Record<string, NumberType>> = {
  BOOL: 'bool',
  U8: 'uint8',
  U16: 'uint16',
  U32: 'uint32',
  U64: 'uint64',
  I8: 'int8',
  I16: 'int16',
  I32: 'int32',
  I64: 'int64',
  F8_E4M3: 'float8_e4m3',
  F8_E5M2: 'float8_e5m2',
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
};

/** An array with a shape, rows last varying fastest. */
export interface HostTensor<D extends Float32Array | Float64Array | Uint8Array | Int32Array = Float32Array> {
  readonly shape: readonly number[];
  readonly data: D;
}

/**
 * Any tensor a file may hold. Floats of less than 32 bits become float32; small integers int32; 64-bit integers, and
 * 32-bit ones without a sign, float64.
 */
export type AnyTensor = HostTensor<Float32Array | Float64Array | Uint8Array | Int32Array>;

/** A file's tensors by name, and its metadata. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, AnyTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A header longer than this is a broken file, not a large one: the format itself allows 100 MB. */
const MAX_HEADER_BYTES = 100_000_000;

const HeaderSchema = v.record(
  v.string(),
  v.union([
    v.strictObject({
      dtype: v.string(),
      shape: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
      data_offsets: v.tuple([v.pipe(v.number(), v.integer()), v.pipe(v.number(), v.integer())]),
    }),
    v.record(v.string(), v.string()),
  ]),
);

function broken(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    hint: 'Make the file again; it must be in the safetensors format.',
  });
}

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** The 16 bits of the half-precision number nearest to a value, ties to even. */
export function floatToHalf(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(scratchFloat[0]);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(((bits >>> 23) & 0xff) - 127, -14);
  // Scaled so that one unit is the last bit of half precision. The scaling is exact; the rounding to even follows.
  const units = magnitude / 2 ** (exponent - 10);
  let rounded = Math.floor(units);
  const rest = units - rounded;
  if (rest > 0.5 || (rest === 0.5 && rounded % 2 === 1)) rounded += 1;
  // The addition also carries into the exponent, because the two fields are adjacent.
  return sign | (rounded < 1024 ? rounded : rounded + ((exponent + 14) << 10));
}

/** Reads until the buffer is full. One call of `read` gives at most 2 GiB. */
async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
}

/** The header's description of one tensor. */
export interface TensorEntry {
  readonly name: string;
  /** The format's name of its type. */
  readonly dtype: string;
  /** The type of its numbers; undefined for one that is not supported. */
  readonly type: NumberType | undefined;
  readonly shape: readonly number[];
  /** Position of its first byte, counted from the end of the header. */
  readonly start: number;
  readonly end: number;
}

/** The header of a file. */
export interface TensorHeader {
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Position of the tensors in the file. */
  readonly bodyStart: number;
}

/** Opens a file, calls `work` with its checked header, and closes it. */
async function withHeader<T>(
  path: string,
  work: (handle: FileHandle, header: TensorHeader) => Promise<T>,
): Promise<T> {
  const handle = await openRegularFile(path, { followLinks: true });
  try {
    return await work(handle, await readHeader(handle, path));
  } finally {
    await handle.close();
  }
}

/** Reads the header. Every offset is checked before memory is allocated. */
async function readHeader(handle: FileHandle, path: string): Promise<TensorHeader> {
  const { size } = await handle.stat();
  const prefix = Buffer.alloc(8);
  await handle.read(prefix, 0, 8, 0);
  const headerBytes = size < 8 ? 0 : Number(prefix.readBigUInt64LE());
  if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > size) {
    throw broken(path, 'it is not a safetensors file');
  }
  const headerText = Buffer.alloc(headerBytes);
  await handle.read(headerText, 0, headerBytes, 8);
  let json: unknown;
  try {
    json = JSON.parse(headerText.toString('utf8'));
  } catch {
    throw broken(path, 'its header is not JSON');
  }
  const header = v.safeParse(HeaderSchema, json);
  if (!header.success) throw broken(path, 'its header does not describe tensors');

  const bodyBytes = size - 8 - headerBytes;
  const entries: TensorEntry[] = [];
  let claimed = 0;
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header.output)) {
    if (name === '__metadata__') {
      metadata = entry as Record<string, string>;
      continue;
    }
    if (!Array.isArray(entry.shape)) throw broken(path, `its tensor ${name} has no shape`);
    const { dtype, shape, data_offsets } = entry as Exclude<typeof entry, Record<string, string>>;
    const type = Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
    const [start, end] = data_offsets;
    const elements = shape.reduce((product, n) => product * n, 1);
    // The size of a number of an unknown type is unknown; its place in the file is checked nevertheless.
    const expected = type === undefined ? end - start : elements * NUMBER_BYTES[type];
    if (start < 0 || end < start || end > bodyBytes || end - start !== expected) {
      throw broken(path, `its tensor ${name} does not fit the file`);
    }
    // Tensors that share bytes would take more memory than the file has.
    claimed += expected;
    if (claimed > bodyBytes) throw broken(path, 'its tensors overlap');
    entries.push({ name, dtype, type, shape, start, end });
  }
  return { entries, metadata, bodyStart: 8 + headerBytes };
}

/**
 * Reads the header of a safetensors file.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export function readTensorHeader(path: string): Promise<TensorHeader> {
  return withHeader(path, (_, header) => Promise.resolve(header));
}

/**
 * Reads a safetensors file.
 *
 * @param path - the file
 * @param wanted - which tensors, by name; if left out, all whose type is supported
 * @param mostBytes - maximum size of the tensors that are read; a larger file is refused before memory is allocated
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readSafetensors(
  path: string,
  wanted?: (name: string) => boolean,
  { mostBytes = Infinity }: { readonly mostBytes?: number } = {},
): Promise<TensorFile> {
  return withHeader(path, async (handle, { entries, metadata, bodyStart }) => {
    const tensors = new Map<string, AnyTensor>();
    const chosen = entries.filter(({ name, type }) => wanted?.(name) ?? type !== undefined);
    const bytesToRead = chosen.reduce((sum, { start, end }) => sum + end - start, 0);
    if (bytesToRead > mostBytes) {
      throw broken(path, `its tensors take ${bytesToRead} bytes, and at most ${mostBytes} are expected`);
    }
    for (const { name, dtype, type, shape, start, end } of chosen) {
      if (type === undefined) {
        throw broken(path, `its tensor ${name} is of type ${dtype}, which is not supported`);
      }
      const bytes = new Uint8Array(end - start);
      await readFully(handle, bytes, bodyStart + start);
      tensors.set(name, { shape, data: plainNumbers(decodeNumbers(type, bytes)) });
    }
    return { tensors, metadata };
  });
}

/**
 * Reads the description of a safetensors file without its tensors.
 *
 * @returns its metadata, and the shapes of its tensors by name
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function describeSafetensors(path: string): Promise<{
  readonly metadata: Readonly<Record<string, string>>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}> {
  return withHeader(path, (_, { entries, metadata }) =>
    Promise.resolve({ metadata, shapes: new Map(entries.map(({ name, shape }) => [name, shape])) }),
  );
}

function dtypeOf(data: AnyTensor['data']): string {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

/**
 * Writes a safetensors file atomically, tensors in the order given.
 *
 * @param half - store float32 as half precision (a relative error of at most 2⁻¹¹)
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, AnyTensor>,
  { metadata, half = false }: { metadata?: Readonly<Record<string, string>>; half?: boolean } = {},
): Promise<void> {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    const stored = half && data instanceof Float32Array ? Uint16Array.from(data, floatToHalf) : data;
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    header[name] = {
      dtype: stored instanceof Uint16Array ? 'F16' : dtypeOf(stored),
      shape,
      data_offsets: [offset, offset + bytes.length],
    };
    chunks.push(bytes);
    offset += bytes.length;
  }
  // Padded with spaces to align the tensors, as the format's reference implementation does.
  const text = JSON.stringify(header);
  const padded = text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(Buffer.byteLength(padded)));
  await writeFileAtomic(path, prefix, padded, ...chunks);
}

/**
 * The float32 tensor of a name, checked against a shape (−1: any size).
 *
 * @throws UnravelError `bad-input` when it is missing, of another type or shape
 */
export function floatTensor(
  file: TensorFile,
  name: string,
  shape: readonly number[],
  path: string,
): HostTensor {
  const tensor = file.tensors.get(name);
  if (!tensor || !(tensor.data instanceof Float32Array)) {
    throw broken(path, `it has no float32 tensor named ${name}`);
  }
  const fits =
    tensor.shape.length === shape.length && shape.every((n, i) => n === -1 || n === tensor.shape[i]);
  if (!fits) {
    throw broken(path, `its tensor ${name} is [${tensor.shape.join(', ')}] instead of [${shape.join(', ')}]`);
  }
  return { shape: tensor.shape, data: tensor.data };
}
