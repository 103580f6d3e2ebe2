import { closeSync, fstatSync, readSync } from 'node:fs';
import yauzl from 'yauzl';
import { UnravelError } from '../../contract/errors.ts';
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

/** The reason why an entry's name is unsafe; undefined if it is safe. */
function nameProblem(name: string): string | undefined {
  if (name.includes('\0')) return 'its name holds a zero byte';
  if (name.includes('\\')) return 'its name holds a backslash, which may climb out of the archive';
  if (name.startsWith('/') || /^[a-zA-Z]:/.test(name))
    return 'its name is absolute and would leave the archive';
  if (name.split('/').includes('..')) return 'its name climbs out of the archive';
  return undefined;
}

function entryProblem(entry: yauzl.Entry, archiveBytes: number): string | undefined {
  // Sizes and positions have 64 bits and may be beyond the end of the archive.
  const end = entry.relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + entry.compressedSize;
  if (end > archiveBytes) return 'it lies outside the archive';
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
  readonly #block = Buffer.alloc(CENTRAL_BLOCK_BYTES);
  #start = 0;
  #length = 0;

  constructor(fd: number) {
    super();
    this.#fd = fd;
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
        this.#length = readSync(this.#fd, this.#block, 0, this.#block.length, position);
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
    const zip = await yauzl.fromRandomAccessReaderPromise(new BlockReader(fd), size, {
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
      const name = yauzl.getFileNameLowLevel(
        entry.generalPurposeBitFlag,
        entry.fileName as unknown as Buffer,
        entry.extraFields,
        true,
      );
      const reason = nameProblem(name) ?? (name.endsWith('/') ? undefined : entryProblem(entry, size));
      if (reason !== undefined) refused.push({ name, reason });
      else if (!name.endsWith('/')) {
        entries.push({
          name,
          headerOffset: entry.relativeOffsetOfLocalHeader,
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
