import { basename, extname } from 'node:path';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { decodeNumbers } from '../files/numbers.ts';
import { decodeNpyTexts, npyHeaderBytes, parseNpyHeader, type NpyHeader } from '../files/npy.ts';
import { listZip } from '../files/zip.ts';
import { streamZipEntry, type ZipEntry } from '../files/zip-reader.ts';
import { rowElements, type ArrayArchive, type Elements, type StoredArray } from './archive.ts';
import { openFile, type OpenFile } from './open-file.ts';
import { wholeRows } from './row-stream.ts';

/** The bytes that a header needs at most, so that a damaged file is not read further. */
const START_BYTES = 1 << 16;

/** Reads the beginning of a stream, at least its NumPy header. */
async function beginning(chunks: AsyncIterable<Buffer>, called: string): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    start = Buffer.concat([start, chunk]);
    if (start.length >= 12 && start.length >= npyHeaderBytes(start, called)) break;
  }
  return start;
}

/** Reads stored bytes from a position on. */
type BytesFrom = (position: number) => { readonly bytes: AsyncIterable<Buffer>; readonly skip: number };

function storedArray(header: NpyHeader, canSeek: boolean, bytesFrom: BytesFrom, called: string): StoredArray {
  const { type, elementBytes, isFortran, offset } = header;
  const shape = isFortran ? [...header.shape].reverse() : header.shape;
  const rowBytes = rowElements({ shape }) * elementBytes;

  async function* rows(from: number, to: number): AsyncGenerator<Elements> {
    if (rowBytes === 0 || to <= from) return;
    const { bytes, skip } = bytesFrom(offset + from * rowBytes);
    let read = 0;
    for await (const piece of wholeRows(bytes, skip, rowBytes, to - from, to === (shape[0] ?? 1))) {
      read += piece.length / rowBytes;
      yield type === 'text'
        ? decodeNpyTexts(header, piece)
        : decodeNumbers(type, piece as Buffer<ArrayBuffer>, header.isBigEndian);
    }
    if (read < to - from)
      throw new UnravelError('bad-input', `Could not read ${called}: it ends early.`, {
        path: called,
        hint: 'Save it again with numpy.save or numpy.savez.',
      });
  }

  return { type, shape, isReversed: isFortran, canSeek, rows };
}

function openEntry(path: string, entry: ZipEntry, start: Buffer): StoredArray {
  const called = `${path}/${entry.name}`;
  if (start.length < npyHeaderBytes(start, called))
    throw new UnravelError('bad-input', `Could not read ${called}: it ends early.`);
  const header = parseNpyHeader(start, called);
  if (header.offset + header.bytes !== entry.size) {
    throw new UnravelError('bad-input', `Could not read ${called}: its size does not fit its shape.`, {
      path,
      hint: 'Save it again with numpy.savez.',
    });
  }
  return storedArray(header, false, (skip) => ({ bytes: streamZipEntry(path, entry), skip }), called);
}

/** The reason of an error of one array, without the beginning that names the file. */
export function arrayReason(error: unknown, called: string): string {
  if (!(error instanceof UnravelError)) throw error;
  const beginning = `Could not read ${called}: `;
  const reason = error.message.startsWith(beginning) ? error.message.slice(beginning.length) : error.message;
  return reason.replace(/\.$/, '');
}

/**
 * Opens NumPy's `.npz`: a zip of `.npy` arrays. Arrays that cannot be read are refused one by one, with the reason;
 * among them are arrays of Python objects, which would have to be unpickled, and a pickle can run any program.
 *
 * @throws UnravelError `not-found`, or `bad-input` for what is no archive
 */
export async function openNpz(path: string): Promise<ArrayArchive> {
  const { entries, refused: unsafe } = await listZip(path);
  const arrays = new Map<string, StoredArray>();
  const refused: SkippedFile[] = unsafe.map(({ name, reason }) => ({ file: name, reason }));
  for (const entry of entries) {
    const name = entry.name.replace(/\.npy$/, '') || 'unnamed';
    if (!entry.name.endsWith('.npy')) {
      refused.push({ file: name, reason: 'it is not a NumPy array' });
      continue;
    }
    try {
      const called = `${path}/${entry.name}`;
      arrays.set(name, openEntry(path, entry, await beginning(streamZipEntry(path, entry), called)));
    } catch (error) {
      refused.push({ file: name, reason: arrayReason(error, `${path}/${entry.name}`) });
    }
  }
  return { path, kind: 'NPZ', arrays, refused, close: () => undefined };
}

function beginningOfFile(file: OpenFile): Buffer {
  return file.read(0, Math.min(START_BYTES, file.size));
}

/**
 * Opens a `.npy` file as an archive of one array, which has the file's name.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export function openNpy(path: string): ArrayArchive {
  const file = openFile(path);
  try {
    let start = beginningOfFile(file);
    start = file.read(0, Math.min(npyHeaderBytes(start, path), file.size));
    if (start.length < npyHeaderBytes(start, path)) throw endsEarly(path);
    const header = parseNpyHeader(start, path);
    if (header.offset + header.bytes > file.size) throw endsEarly(path);
    const array = storedArray(header, true, (position) => ({ bytes: file.stream(position), skip: 0 }), path);
    return {
      path,
      kind: 'NPY',
      arrays: new Map([[basename(path, extname(path)), array]]),
      refused: [],
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function endsEarly(path: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: it ends early.`, {
    path,
    hint: 'Copy or save it again.',
  });
}
