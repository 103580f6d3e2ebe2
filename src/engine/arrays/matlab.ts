import { pipeline, Readable } from 'node:stream';
import { constants, createInflate, inflateSync } from 'node:zlib';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { shownText } from '../../contract/shown-text.ts';
import { decodeNumbers, NUMBER_BYTES, type NumberType } from '../files/numbers.ts';
import { rowElements, type ArrayArchive, type StoredArray } from './archive.ts';
import { openHdf5 } from './hdf5.ts';
import { isNorbStart, openNorb } from './norb.ts';
import { openFile, type OpenFile } from './open-file.ts';
import { wholeRows } from './row-stream.ts';

/** The first bytes of an HDF5 file, which MATLAB 7.3 writes behind a text of 512 bytes. */
const HDF5_START = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
const HEADER_BYTES = 128;
const MOST_VARIABLES = 4096;
/** The axes that MATLAB's arrays have at most here. */
const MOST_AXES = 16;
/** A variable's name, type and shape are in its first bytes. */
const START_BYTES = 4096;
const MOST_TEXT_BYTES = 64 * 2 ** 20;

const MATRIX = 14;
const COMPRESSED = 15;
/** How numbers are stored, by the numbers of MATLAB's types of data. */
const STORED: Readonly<Record<number, NumberType>> = {
  1: 'int8',
  2: 'uint8',
  3: 'int16',
  4: 'uint16',
  5: 'int32',
  6: 'uint32',
  7: 'float32',
  9: 'float64',
  12: 'int64',
  13: 'uint64',
};
const CHARACTERS = 4;
/** Texts by their types of data; others are numbers of characters. */
const UTF8 = 16;
const UTF16 = 17;
/** MATLAB's classes that are no arrays of numbers. */
const OTHER_CLASSES: Readonly<Record<number, string>> = {
  1: 'it is a cell array',
  2: 'it is a struct',
  3: 'it is an object',
  5: 'it is a sparse matrix',
  16: 'it is a function',
  17: 'it is an object',
  18: 'it is an object',
};
const FLAGS = { complex: 0x08, logical: 0x02 } as const;

function broken(path: string, what: string, cause?: unknown): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    cause,
    hint: 'Save it again in MATLAB, or with scipy.io.savemat.',
  });
}

/** Why a variable is not read; the end of a sentence. */
class Refusal extends Error {}

/** A part of a file: its type, and where its contents are. */
interface Tag {
  readonly type: number;
  readonly bytes: number;
  readonly from: number;
  /** Where the next part begins. */
  readonly next: number;
}

/** The numbers of a file in its byte order. */
class Words {
  readonly bytes: Buffer;
  readonly isBigEndian: boolean;

  constructor(bytes: Buffer, isBigEndian: boolean) {
    this.bytes = bytes;
    this.isBigEndian = isBigEndian;
  }

  word(at: number): number {
    if (at + 4 > this.bytes.length) throw new Refusal('it ends early');
    return this.isBigEndian ? this.bytes.readUInt32BE(at) : this.bytes.readUInt32LE(at);
  }

  tag(at: number): Tag {
    const first = this.word(at);
    const short = first >>> 16;
    // Up to four bytes are in the tag itself.
    if (short > 0) {
      if (short > 4) throw new Refusal('it is damaged');
      return { type: first & 0xffff, bytes: short, from: at + 4, next: at + 8 };
    }
    const bytes = this.word(at + 4);
    return { type: first, bytes, from: at + 8, next: at + 8 + Math.ceil(bytes / 8) * 8 };
  }
}

/** A variable, as its first bytes describe it. */
interface Variable {
  readonly name: string;
  readonly kind: number;
  readonly flags: number;
  readonly shape: readonly number[];
  /** Its numbers: their type, and where they are from the beginning of the variable on. */
  readonly data: Tag;
}

/** The variable's name, and what else is known of it or why it is not read. */
function readVariable(words: Words): { readonly name: string; readonly variable: Variable | string } {
  const flags = words.tag(8);
  if (flags.type !== 6 || flags.bytes !== 8) throw new Refusal('it is damaged');
  const flagWord = words.word(flags.from);
  const kind = flagWord & 0xff;
  let at = flags.next;
  let shape: readonly number[] = [];
  if (kind !== 17) {
    const sizes = words.tag(at);
    if (sizes.type !== 5 || sizes.bytes % 4 !== 0 || sizes.bytes < 8) throw new Refusal('it is damaged');
    if (sizes.bytes / 4 > MOST_AXES) throw new Refusal(`it has more than ${MOST_AXES} axes`);
    shape = Array.from({ length: sizes.bytes / 4 }, (_, i) => words.word(sizes.from + 4 * i));
    at = sizes.next;
  }
  const called = words.tag(at);
  if (called.from + called.bytes > words.bytes.length) throw new Refusal('it is damaged');
  const name = shownText(words.bytes.toString('latin1', called.from, called.from + called.bytes));
  const refusal = OTHER_CLASSES[kind];
  if (refusal !== undefined) return { name, variable: refusal };
  if (kind < CHARACTERS || kind > 15) return { name, variable: 'it is of a class that is not known' };
  if (shape.includes(0)) return { name, variable: 'it is empty' };
  const variable = { name, kind, flags: (flagWord >>> 8) & 0xff, shape, data: words.tag(called.next) };
  return { name, variable };
}

/** The bytes of an element of a file: as they are, or decompressed. */
interface Element {
  readonly isCompressed: boolean;
  /** Its first bytes. */
  readonly start: Buffer;
  /** Its bytes from a position on; so many are to be skipped. */
  stream(from: number): { readonly bytes: AsyncIterable<Buffer>; readonly skip: number };
}

async function* part(file: OpenFile, from: number, to: number): AsyncGenerator<Buffer> {
  let left = to - from;
  for await (const piece of file.stream(from)) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}

async function* inflated(file: OpenFile, from: number, to: number, most: number): AsyncGenerator<Buffer> {
  const packed = Readable.from(part(file, from, to));
  const unpacked = pipeline(packed, createInflate({ chunkSize: 1 << 18 }), () => undefined);
  let left = most;
  try {
    for await (const piece of unpacked as AsyncIterable<Buffer>) {
      left -= piece.length;
      if (left < 0) throw new Error('there is more in it than it states');
      yield piece;
    }
  } catch (cause) {
    throw broken(file.path, 'it is damaged', cause);
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

function openElement(file: OpenFile, { type, from, bytes }: Tag, at: number, isBigEndian: boolean): Element {
  if (type === MATRIX) {
    return {
      isCompressed: false,
      start: file.read(at, Math.min(START_BYTES, 8 + bytes)),
      stream: (skip) => ({ bytes: part(file, at + skip, from + bytes), skip: 0 }),
    };
  }
  const packed = file.read(from, Math.min(START_BYTES, bytes));
  let start: Buffer;
  try {
    start = inflateSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new Refusal('it is damaged', { cause });
  }
  const words = new Words(start, isBigEndian);
  if (words.word(0) !== MATRIX) throw new Refusal('it is damaged');
  const most = 8 + words.word(4);
  return {
    isCompressed: true,
    start,
    stream: (skip) => ({ bytes: inflated(file, from, from + bytes, most), skip }),
  };
}

/** The texts of an array of characters, whose first axis counts the texts and varies fastest. */
function textsOf(bytes: Buffer, type: number, isBigEndian: boolean, [rows = 1]: readonly number[]): string[] {
  const isWide = type === UTF16 || type === 4;
  const own = isWide && isBigEndian ? Buffer.from(bytes).swap16() : bytes;
  const text = own.toString(isWide ? 'utf16le' : type === UTF8 ? 'utf8' : 'latin1');
  const characters = isWide ? text.split(/(?:)/) : Array.from(text);
  return Array.from({ length: rows }, (_, row) =>
    characters
      .filter((_character, i) => i % rows === row)
      .join('')
      .trimEnd(),
  );
}

function storedArray(
  file: OpenFile,
  element: Element,
  variable: Variable,
  isBigEndian: boolean,
): StoredArray {
  const { data, flags } = variable;
  const { path } = file;
  const count = variable.shape.reduce((product, n) => product * n, 1);
  if (flags & FLAGS.complex) throw new Refusal('its numbers are complex');
  const isShort = data.next - data.from === 4;
  const called = `${path}, its “${variable.name}”`;

  if (variable.kind === CHARACTERS) {
    if (variable.shape.length > 2) throw new Refusal('it is a text of more than two axes');
    if (data.bytes > MOST_TEXT_BYTES) throw new Refusal('it is a text of more than 64 MB');
    const [rows = 1] = variable.shape;
    return {
      type: 'text',
      shape: [rows],
      isReversed: false,
      canSeek: false,
      async *rows(from, to) {
        const { bytes, skip } = element.stream(data.from);
        for await (const piece of wholeRows(bytes, skip, Math.max(1, data.bytes), 1, true)) {
          yield textsOf(piece, data.type, isBigEndian, variable.shape).slice(from, to);
        }
      },
    };
  }
  const isLogical = (flags & FLAGS.logical) !== 0;
  const stored = STORED[data.type];
  if (stored === undefined) throw new Refusal(`numbers of MATLAB’s type ${data.type} are not known`);
  const type: NumberType = isLogical && stored === 'uint8' ? 'bool' : stored;
  const size = NUMBER_BYTES[stored];
  if (count * size !== data.bytes || (isShort && data.bytes > 4)) {
    throw new Refusal('its size does not fit its shape');
  }
  const shape = [...variable.shape].reverse();
  const rowBytes = rowElements({ shape }) * size;
  return {
    type,
    shape,
    isReversed: true,
    canSeek: !element.isCompressed,
    async *rows(from, to) {
      if (to <= from) return;
      const { bytes, skip } = element.stream(data.from + from * rowBytes);
      let read = 0;
      // To its end, a compressed one is compared with its checksum.
      const isToEnd = element.isCompressed && to === shape[0];
      for await (const piece of wholeRows(bytes, skip, rowBytes, to - from, isToEnd)) {
        read += piece.length / rowBytes;
        yield decodeNumbers(type, piece as Buffer<ArrayBuffer>, isBigEndian);
      }
      if (read < to - from) throw broken(called, 'it ends early');
    },
  };
}

/** Adds the variable at a position, or why it is left out. */
function addVariable(
  file: OpenFile,
  tag: Tag,
  at: number,
  isBigEndian: boolean,
  arrays: Map<string, StoredArray>,
  refused: SkippedFile[],
): void {
  let name = `variable ${arrays.size + refused.length + 1}`;
  try {
    const element = openElement(file, tag, at, isBigEndian);
    const read = readVariable(new Words(element.start, isBigEndian));
    name = read.name || name;
    // Parts of MATLAB's own objects have no name.
    if (read.name === '') return;
    if (typeof read.variable === 'string') throw new Refusal(read.variable);
    arrays.set(name, storedArray(file, element, read.variable, isBigEndian));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused.push({ file: name, reason: error.message });
  }
}

function openVersion5(path: string, file: OpenFile, header: Buffer): ArrayArchive {
  if (header.length < HEADER_BYTES) throw broken(path, 'it is no MATLAB file of version 5 to 7.3');
  const mark = header.toString('latin1', 126, 128);
  // The first letter of the mark is in the higher byte of a number.
  const isBigEndian = mark === 'MI';
  const version = isBigEndian ? header.readUInt16BE(124) : header.readUInt16LE(124);
  if ((mark !== 'IM' && mark !== 'MI') || version !== 0x0100) {
    throw broken(path, 'it is no MATLAB file of version 5 to 7.3');
  }
  const arrays = new Map<string, StoredArray>();
  const refused: SkippedFile[] = [];
  let at = HEADER_BYTES;
  for (let seen = 0; at + 8 <= file.size; seen++) {
    if (seen >= MOST_VARIABLES) throw broken(path, `it has more than ${MOST_VARIABLES} variables`);
    let tag: Tag;
    try {
      tag = new Words(file.read(at, 8), isBigEndian).tag(0);
    } catch (cause) {
      throw broken(path, 'it is damaged', cause);
    }
    const next = at + (tag.type === COMPRESSED ? 8 + tag.bytes : tag.next);
    if (at + tag.from + tag.bytes > file.size) throw broken(path, 'it ends early');
    if (tag.type === MATRIX || tag.type === COMPRESSED) {
      addVariable(file, { ...tag, from: at + tag.from }, at, isBigEndian, arrays, refused);
    }
    at = next;
  }
  return { path, kind: 'MATLAB file', arrays, refused, close: () => file.close() };
}

/**
 * Opens a MATLAB file: of version 5 to 7 (Level 5), of version 7.3, which is HDF5, or one of smallNORB, which has the same
 * extension.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openMatlab(path: string): Promise<ArrayArchive> {
  const file = openFile(path);
  const start = file.read(0, 2 * 512);
  try {
    const isOther = isNorbStart(start) || isHdf5Start(start);
    if (!isOther) return openVersion5(path, file, start);
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return isNorbStart(start) ? openNorb([path]) : { ...(await openHdf5(path)), kind: 'MATLAB file' };
}

/** HDF5 may begin behind a block of 512 bytes. */
function isHdf5Start(start: Buffer): boolean {
  const at = start.indexOf(HDF5_START);
  return at === 0 || at === 512;
}
