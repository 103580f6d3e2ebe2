import * as v from 'valibot';
import { UnravelError } from './errors.ts';
import { ARRAYS, type ArrayOf, type Dtype } from './tensor.ts';

/** Maximum size of a message from a sender that is not trusted. Larger files are sent in pieces. */
export const MOST_FRAME_BYTES = 64 * 2 ** 20;

/** Limits on what is parsed of a message before it is known to be valid. */
export interface FrameBounds {
  /** Maximum size of the header, which holds everything but arrays. */
  readonly headerBytes: number;
  /** Maximum number of arrays, and of numbers that JSON cannot represent. */
  readonly parts: number;
}

/**
 * Limits for a sender that is not trusted: parsing takes milliseconds, whatever the header contains. The
 * largest valid request is an upload of 512 files with their paths.
 */
export const REQUEST_BOUNDS: FrameBounds = { headerBytes: 4 * 2 ** 20, parts: 4096 };

const UNBOUNDED: FrameBounds = { headerBytes: Infinity, parts: Infinity };

/** Number of bytes of the header's length, little-endian. */
const PREFIX_BYTES = 4;
/** Arrays begin at multiples of this, so that they can be views of the frame and are not copied. */
const ALIGNMENT = 8;

/** Numbers that JSON cannot represent. */
const ODD_NUMBERS = ['NaN', 'Infinity', '-Infinity', '-0'] as const;
const dtypes = Object.keys(ARRAYS) as Dtype[];

/** A value that JSON cannot represent, and its path in the message. The JSON has null at that path. */
const PartSchema = v.object({
  path: v.array(v.union([v.string(), v.pipe(v.number(), v.safeInteger(), v.minValue(0))])),
  kind: v.picklist([...dtypes, ...ODD_NUMBERS]),
  /** Number of values of an array. */
  length: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});
const HeaderSchema = v.object({ body: v.unknown(), parts: v.array(PartSchema) });
const PartsSchema = v.object({ parts: v.array(v.unknown()) });

type Path = (string | number)[];
interface Part {
  readonly path: Path;
  readonly kind: string;
  readonly length?: number;
}

/**
 * Encodes a message as one binary frame: the header's length, the message as JSON, and its arrays, aligned.
 *
 * @param message - values that JSON can represent, and also any number and the arrays of {@link ARRAYS}
 * @throws TypeError for anything else
 */
export function encodeFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const parts: Part[] = [];
  const arrays: ArrayOf<Dtype>[] = [];
  const body = takeApart(message, [], parts, arrays);
  const header = new TextEncoder().encode(JSON.stringify({ body: body ?? null, parts }));
  const places: number[] = [];
  let size = PREFIX_BYTES + header.length;
  for (const array of arrays) {
    places.push((size = aligned(size)));
    size += array.byteLength;
  }
  const frame = new Uint8Array(size);
  new DataView(frame.buffer).setUint32(0, header.length, true);
  frame.set(header, PREFIX_BYTES);
  arrays.forEach(({ buffer, byteOffset, byteLength }, i) => {
    frame.set(new Uint8Array(buffer, byteOffset, byteLength), places[i]);
  });
  return frame;
}

/**
 * Decodes a frame's message. Its arrays are views of the frame, or of a copy if the frame is not aligned in
 * memory.
 *
 * @param bounds - limits for a sender that is not trusted
 * @throws UnravelError `bad-input` for anything that {@link encodeFrame} does not make
 */
export function decodeFrame(frame: Uint8Array | ArrayBuffer, bounds = UNBOUNDED): unknown {
  const given = frame instanceof Uint8Array ? frame : new Uint8Array(frame);
  const bytes = given.byteOffset % ALIGNMENT === 0 ? given : new Uint8Array(given);
  const header = readHeader(bytes, bounds);
  const holder = { body: header.body };
  let end = PREFIX_BYTES + header.bytes;
  for (const { path, kind, length } of header.parts) {
    if (!isDtype(kind)) {
      place(holder, path, Number(kind));
      continue;
    }
    if (length === undefined) throw refusal('an array has no length');
    const begin = aligned(end);
    end = begin + length * ARRAYS[kind].BYTES_PER_ELEMENT;
    if (end > bytes.length) throw refusal('it ends before its arrays do');
    place(holder, path, new ARRAYS[kind](bytes.buffer as ArrayBuffer, bytes.byteOffset + begin, length));
  }
  if (end !== bytes.length) throw refusal('something follows its arrays');
  return holder.body;
}

function readHeader(
  bytes: Uint8Array,
  { headerBytes, parts }: FrameBounds,
): v.InferOutput<typeof HeaderSchema> & { readonly bytes: number } {
  if (bytes.length < PREFIX_BYTES) throw refusal('it is too short');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (PREFIX_BYTES + length > bytes.length) throw refusal('it ends before its header does');
  if (length > headerBytes) throw refusal('its header is too long');
  let json: unknown;
  try {
    const text = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length);
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (cause) {
    throw refusal('its header is not JSON', cause);
  }
  if (v.is(PartsSchema, json) && json.parts.length > parts) throw refusal('it has too many parts');
  const parsed = v.safeParse(HeaderSchema, json, { abortEarly: true });
  if (!parsed.success) throw refusal('its header does not describe a message');
  return { ...parsed.output, bytes: length };
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function isDtype(kind: string): kind is Dtype {
  return Object.hasOwn(ARRAYS, kind);
}

function refusal(why: string, cause?: unknown): UnravelError {
  return new UnravelError('bad-input', `A message could not be read: ${why}.`, { cause });
}

/** Replaces every value that JSON cannot represent with null and adds it to `parts` and `arrays`. */
function takeApart(value: unknown, path: Path, parts: Part[], arrays: ArrayOf<Dtype>[]): unknown {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    parts.push({ path: [...path], kind: Object.is(value, -0) ? '-0' : String(value) });
    return null;
  }
  if (typeof value !== 'object' || value === null) return value;
  const inside = (key: string | number, item: unknown): unknown => {
    path.push(key);
    const rest = takeApart(item, path, parts, arrays);
    path.pop();
    return rest;
  };
  if (Array.isArray(value)) return value.map((item: unknown, i) => inside(i, item));
  const kind = dtypes.find((dtype) => value instanceof ARRAYS[dtype]);
  if (kind) {
    const array = value as ArrayOf<Dtype>;
    parts.push({ path: [...path], kind, length: array.length });
    arrays.push(array);
    return null;
  }
  if (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Map ||
    value instanceof Set
  )
    throw new TypeError(`A frame does not carry ${value.constructor.name}.`);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(key, item)]));
}

/** Replaces the null at a path with a value. Only own properties of the header are followed. */
function place(holder: { body: unknown }, path: Path, value: unknown): void {
  let within: unknown = holder;
  let key: string | number = 'body';
  for (const next of path) {
    within = own(within, key);
    key = next;
  }
  if (own(within, key) !== null) throw refusal('a part has no place in it');
  (within as Record<string | number, unknown>)[key] = value;
}

function own(within: unknown, key: string | number): unknown {
  if (typeof within !== 'object' || within === null || !Object.hasOwn(within, key))
    throw refusal('a part has no place in it');
  return (within as Record<string | number, unknown>)[key];
}
