import { closeSync, fstatSync, readSync } from 'node:fs';
import yauzl from 'yauzl';
import { UnravelError } from '../../contract/errors.ts';
import { entryPath, pathProblem } from './entry-name.ts';
import {
  brokenArchive,
  DEFLATED,
  LOCAL_HEADER_BYTES,
  openArchive,
  STORED,
  type ZipEntry,
} from './zip-reader.ts';

const CENTRAL_BLOCK_BYTES = 1 << 20;
/** Maximum number of files in an archive, because their list is kept in memory. */
const MOST_ENTRIES = 5_000_000;

/** The contents of an archive. */
export interface ZipListing {
  readonly entries: readonly ZipEntry[];
  /** Entries that are unsafe or cannot be read, with the reasons. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/** Where an archive lies in its file, which may have other bytes before and after it. */
interface ArchiveRange {
  readonly start: number;
  readonly end: number;
}

const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');
const END_BYTES = 22;
const END64_SIGNATURE = 0x06064b50;
const LOCATOR_SIGNATURE = 0x07064b50;
const END64_BYTES = 56;
const LOCATOR_BYTES = 20;
const CENTRAL_SIGNATURE = 0x02014b50;
/** The end of a file in which the archive's end record is looked for: the longest comment, and other bytes behind it. */
const TAIL_BYTES = 1 << 20;

/**
 * Finds the archive in a file by its end record, as unzip does. A program that unpacks itself has bytes before the archive,
 * which the archive's positions do not count; some downloads have bytes after it.
 *
 * @returns undefined if no end record fits the file
 */
function findArchive(fd: number, fileBytes: number): ArchiveRange | undefined {
  const tail = Buffer.alloc(Math.min(TAIL_BYTES, fileBytes));
  const tailStart = fileBytes - tail.length;
  if (readSync(fd, tail, 0, tail.length, tailStart) < tail.length) return undefined;
  const signature = Buffer.alloc(4);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    at = tail.lastIndexOf(END_SIGNATURE, at);
    if (at < 0) break;
    const end = tailStart + at + END_BYTES + tail.readUInt16LE(at + 20);
    let directoryEnd = tailStart + at;
    let bytes = tail.readUInt32LE(at + 12);
    let offset = tail.readUInt32LE(at + 16);
    const locator = at - LOCATOR_BYTES;
    if (locator >= 0 && tail.readUInt32LE(locator) === LOCATOR_SIGNATURE) {
      const end64 = locator - END64_BYTES;
      // A record longer than usual is left to yauzl, which finds it by the locator.
      if (end64 < 0 || tail.readUInt32LE(end64) !== END64_SIGNATURE) return { start: 0, end };
      directoryEnd = tailStart + end64;
      bytes = Number(tail.readBigUInt64LE(end64 + 40));
      offset = Number(tail.readBigUInt64LE(end64 + 48));
    }
    const start = directoryEnd - bytes - offset;
    if (start < 0 || end > fileBytes) continue;
    const isEmpty = bytes === 0;
    const read = isEmpty ? 4 : readSync(fd, signature, 0, 4, start + offset);
    if (isEmpty || (read === 4 && signature.readUInt32LE(0) === CENTRAL_SIGNATURE)) return { start, end };
  }
  return undefined;
}

function entryProblem(entry: yauzl.Entry, { start, end: archiveEnd }: ArchiveRange): string | undefined {
  // Sizes and positions have 64 bits and may be beyond the end of the archive.
  const end = start + entry.relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + entry.compressedSize;
  if (end > archiveEnd) return 'it lies outside the archive';
  const unixMode = entry.externalFileAttributes >>> 16;
  if ((unixMode & 0o170000) === 0o120000) return 'it is a link';
  if (entry.generalPurposeBitFlag & 1) return 'it is encrypted';
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    return `it is compressed in a way that is not supported (method ${entry.compressionMethod})`;
  }
  return undefined;
}

/** Reads the central directory in large blocks, because yauzl reads a few bytes at a time. */
class BlockReader extends yauzl.RandomAccessReader {
  readonly #fd: number;
  readonly #origin: number;
  readonly #block = Buffer.alloc(CENTRAL_BLOCK_BYTES);
  #start = 0;
  #length = 0;

  /** @param origin - position in the file that the archive calls 0 */
  constructor(fd: number, origin: number) {
    super();
    this.#fd = fd;
    this.#origin = origin;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let problem: Error | null = null;
    try {
      if (length > this.#block.length) throw new Error('a record of the archive is too long');
      if (position < this.#start || position + length > this.#start + this.#length) {
        this.#start = position;
        this.#length = readSync(this.#fd, this.#block, 0, this.#block.length, this.#origin + position);
      }
      if (this.#length < length) throw new Error('the archive ends early');
      this.#block.copy(buffer, offset, position - this.#start, position - this.#start + length);
    } catch (error) {
      problem = error as Error;
    }
    queueMicrotask(() => {
      callback(problem);
    });
  }
}

/**
 * Lists an archive's files. Folders are left out. Entries with paths outside the archive, links, encrypted entries
 * and those with unsupported compression are refused, each with its reason.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function listZip(
  path: string,
  { mostEntries = MOST_ENTRIES }: { readonly mostEntries?: number } = {},
): Promise<ZipListing> {
  const fd = openArchive(path);
  const entries: ZipEntry[] = [];
  const refused: { name: string; reason: string }[] = [];
  try {
    const { size } = fstatSync(fd);
    // A file without an end record is left to yauzl, which says what is missing.
    const range = findArchive(fd, size) ?? { start: 0, end: size };
    const reader = new BlockReader(fd, range.start);
    const zip = await yauzl.fromRandomAccessReaderPromise(reader, range.end - range.start, {
      // Names are decoded below, because yauzl's own check fails for the whole archive at the first bad name.
      decodeStrings: false,
      validateEntrySizes: false,
      autoClose: false,
    });
    if (zip.entryCount > mostEntries) {
      throw new UnravelError(
        'bad-input',
        `Could not read ${path}: it holds ${zip.entryCount.toLocaleString('en')} files, and at most ${mostEntries.toLocaleString('en')} are read.`,
        { path, hint: 'Make several archives of it.' },
      );
    }
    for await (const entry of zip.eachEntry()) {
      const written = yauzl.getFileNameLowLevel(
        entry.generalPurposeBitFlag,
        entry.fileName as unknown as Buffer,
        entry.extraFields,
        true,
      );
      const name = entryPath(written);
      const reason = pathProblem(name) ?? (name.endsWith('/') ? undefined : entryProblem(entry, range));
      if (reason !== undefined) refused.push({ name: written, reason });
      else if (!name.endsWith('/')) {
        entries.push({
          name,
          headerOffset: range.start + entry.relativeOffsetOfLocalHeader,
          compressedSize: entry.compressedSize,
          size: entry.uncompressedSize,
          method: entry.compressionMethod,
          crc: entry.crc32,
        });
      }
    }
  } catch (cause) {
    throw cause instanceof UnravelError ? cause : brokenArchive(path, cause);
  } finally {
    closeSync(fd);
  }
  return { entries, refused };
}
