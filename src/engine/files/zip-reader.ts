import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { UnravelError } from '../../contract/errors.ts';

/** Maximum size of an entry, so that an archive cannot fill the memory. No photograph is larger. */
export const MAX_ENTRY_BYTES = 256 * 1024 * 1024;

/** Size of the fixed part of an entry's local header, before its name and data. */
export const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
/** The two supported compression methods. */
export const STORED = 0;
export const DEFLATED = 8;

/** A file in an archive, with the entries that are needed to read it; sizes in bytes. */
export interface ZipEntry {
  /** Its path inside the archive, with `/`; never absolute and never with `..`. */
  readonly name: string;
  /** Position of its local header. */
  readonly headerOffset: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly method: number;
  readonly crc: number;
}

/** The error for a file that is not a complete archive. */
export function brokenArchive(path: string, cause: unknown): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: it is not a zip archive, or it ends early.`, {
    path,
    cause,
    hint: 'Download or make it again.',
  });
}

/**
 * Opens an archive's file.
 *
 * @throws UnravelError `not-found`
 */
export function openArchive(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new UnravelError('not-found', `Could not open ${path}.`, {
      path,
      cause,
      hint: 'Check the name, and that you may read it.',
    });
  }
}

function damaged(entry: ZipEntry, what: string): UnravelError {
  return new UnravelError('bad-input', what, { path: entry.name });
}

/** Position of an entry's data. Its local header may be longer than the central directory states. */
function dataOffset(fd: number, entry: ZipEntry): number {
  const header = Buffer.alloc(LOCAL_HEADER_BYTES);
  const read = readSync(fd, header, 0, LOCAL_HEADER_BYTES, entry.headerOffset);
  if (read < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE) {
    throw damaged(entry, 'the archive is damaged here');
  }
  return entry.headerOffset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** Reads entries of one archive, one after the other, in the calling thread. */
export interface ZipReader {
  /**
   * Reads an entry. At most the size that the entry states is decompressed, and at most {@link MAX_ENTRY_BYTES}.
   *
   * @throws UnravelError `bad-input`; the message contains only the reason
   */
  read(entry: ZipEntry): Buffer;
  close(): void;
}

/**
 * Opens an archive for reading entries that `listZip` listed.
 *
 * @throws UnravelError `not-found`
 */
export function openZipReader(path: string): ZipReader {
  const fd = openArchive(path);
  const { size: archiveBytes } = fstatSync(fd);
  return {
    read(entry) {
      if (entry.size > MAX_ENTRY_BYTES || entry.compressedSize > MAX_ENTRY_BYTES) {
        throw damaged(entry, `it is larger than ${MAX_ENTRY_BYTES / 1024 / 1024} MB`);
      }
      const offset = dataOffset(fd, entry);
      if (offset + entry.compressedSize > archiveBytes) throw damaged(entry, 'the archive ends early');
      const packed = Buffer.allocUnsafe(entry.compressedSize);
      if (readSync(fd, packed, 0, packed.length, offset) < packed.length) {
        throw damaged(entry, 'the archive ends early');
      }
      const bytes = entry.method === STORED ? packed : inflate(entry, packed);
      if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) {
        throw damaged(entry, 'the archive is damaged here');
      }
      return bytes;
    },
    close: () => closeSync(fd),
  };
}

function inflate(entry: ZipEntry, packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(entry.size, 1) });
  } catch (cause) {
    const tooLong = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw damaged(entry, tooLong ? 'it unpacks to more than it states' : 'the archive is damaged here');
  }
}

/**
 * Decompresses one entry piece by piece, for entries too large for memory. Fails if the entry is larger than it
 * states.
 */
export async function* streamZipEntry(path: string, entry: ZipEntry): AsyncGenerator<Buffer> {
  const fd = openArchive(path);
  let offset;
  try {
    offset = dataOffset(fd, entry);
  } finally {
    closeSync(fd);
  }
  if (entry.compressedSize === 0) return;
  const packed = createReadStream(path, { start: offset, end: offset + entry.compressedSize - 1 });
  // An error of either stream is reported by the loop below.
  const bytes: Readable =
    entry.method === STORED
      ? packed
      : pipeline(packed, createInflateRaw({ chunkSize: 1 << 18 }), () => undefined);
  let total = 0;
  let crc = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      total += chunk.length;
      crc = crc32(chunk, crc);
      if (total > entry.size) throw damaged(entry, `${entry.name} of ${path} unpacks to more than it states`);
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof UnravelError) throw cause;
    throw new UnravelError('bad-input', `Could not read ${entry.name} of ${path}: the archive is damaged.`, {
      path,
      cause,
      hint: 'Download or make it again.',
    });
  } finally {
    packed.destroy();
    bytes.destroy();
  }
  if (total === entry.size && crc !== entry.crc) {
    throw new UnravelError('bad-input', `Could not read ${entry.name} of ${path}: the archive is damaged.`, {
      path,
      hint: 'Download or make it again.',
    });
  }
  if (total < entry.size) throw brokenArchive(path, new Error(`${entry.name} ends early`));
}
