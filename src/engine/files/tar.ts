import { closeSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { entryPath, pathProblem } from './entry-name.ts';
import { MAX_ENTRY_BYTES, openArchive } from './zip-reader.ts';

/** A file in a tar archive. */
export interface TarEntry {
  /** Its path inside the archive, with `/`; never absolute and never with `..`. */
  readonly name: string;
  /** Position of its data. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
}

/** The contents of an archive. */
export interface TarListing {
  readonly entries: readonly TarEntry[];
  /** Entries that are unsafe or cannot be read, with the reasons. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** Names of files that were not taken, up to a limit. */
  readonly untaken: readonly string[];
}

/** Bytes that are read one after the other. */
export interface TarInput {
  /** @returns fewer bytes at the end of the archive */
  read(length: number): Promise<Buffer>;
  skip(length: number): Promise<void>;
  /**
   * Takes the data of a file of the archive, which come next.
   *
   * @returns the position from which they can be read later; undefined for a file that is not wanted
   */
  take(name: string, length: number): Promise<number | undefined>;
}

const BLOCK_BYTES = 512;
/** Maximum number of files in an archive, because their list is kept in memory. */
const MOST_ENTRIES = 5_000_000;
/** Maximum number of names of files that are not taken. */
const MOST_UNTAKEN = 10_000;
/** Maximum size of a header's additions, such as a long name. */
const MOST_EXTRA_BYTES = 1 << 20;

/** The error for a file that is not a complete archive. */
export function brokenTar(path: string, cause: unknown): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: it is not a tar archive, or it ends early.`, {
    path,
    cause,
    hint: 'Download or make it again.',
  });
}

/** True if a file that begins with these bytes is a tar archive; very old ones are not recognised. */
export function isTar(start: Buffer): boolean {
  return start.length >= 262 && start.toString('latin1', 257, 262) === 'ustar';
}

/** Decodes a name: UTF-8, or Latin-1 if it is not. */
function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(used);
  } catch {
    return used.toString('latin1');
  }
}

/** A number of a header: octal digits, or binary if the first bit is set. */
function number(field: Buffer): number {
  if (field[0]! & 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, field[0]! & 0x7f);
    return Number.isSafeInteger(value) ? value : NaN;
  }
  const digits = field.toString('latin1').replace(/[\0 ].*$/s, '');
  return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : NaN;
}

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
  readonly link: string;
}

/** @returns undefined if the block is no header */
function parseHeader(block: Buffer): Header | undefined {
  const stated = number(block.subarray(148, 156));
  let sum = 0;
  for (let i = 0; i < BLOCK_BYTES; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!;
  const size = number(block.subarray(124, 136));
  if (sum !== stated || Number.isNaN(size)) return undefined;
  const base = text(block.subarray(0, 100));
  // GNU's own format has other fields in the place of the prefix.
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? text(block.subarray(345, 500)) : '';
  return {
    name: prefix === '' ? base : `${prefix}/${base}`,
    size,
    type: String.fromCharCode(block[156]!),
    link: text(block.subarray(157, 257)),
  };
}

/** The records `length key=value` of a header in the format of POSIX 2001. */
function parseRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? NaN : Number(bytes.toString('latin1', at, space));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) break;
    const record = bytes.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals >= 0) records.set(record.toString('latin1', 0, equals), text(record.subarray(equals + 1)));
    at += length;
  }
  return records;
}

const FILES = new Set(['0', '\0', '7']);

/**
 * Lists the files of a tar archive (ustar, GNU, POSIX 2001). Folders are left out. Entries with paths outside the archive,
 * symbolic links and devices are refused, each with its reason. A hard link has the data of the file that it leads to, which
 * precedes it.
 *
 * @param path - the archive's name in messages
 * @throws UnravelError `bad-input`
 */
export async function listTar(input: TarInput, path: string): Promise<TarListing> {
  // A later entry of the same name replaces the earlier one, as when the archive is unpacked.
  const entries = new Map<string, TarEntry>();
  const refused: { name: string; reason: string }[] = [];
  const untaken: string[] = [];
  let extra: { name?: string; link?: string; size?: number; isSparse?: boolean } = {};
  let headers = 0;
  for (;;) {
    const block = await input.read(BLOCK_BYTES);
    if (block.length === 0 && headers > 0) {
      // It was cut between two files, or a program left the end away.
      refused.push({
        name: basename(path),
        reason:
          'it ends without the record that marks the end of a tar archive, so that files may be missing',
      });
      break;
    }
    if (block.length < BLOCK_BYTES) throw brokenTar(path, new Error('a header is missing'));
    // Two empty blocks are the end; what follows them is padding.
    if (block.every((byte) => byte === 0)) break;
    const header = parseHeader(block);
    if (!header) throw brokenTar(path, new Error('a header is damaged'));
    headers += 1;
    if (headers > MOST_ENTRIES) {
      throw new UnravelError(
        'bad-input',
        `Could not read ${path}: it holds more than ${MOST_ENTRIES.toLocaleString('en')} files.`,
        { path, hint: 'Make several archives of it.' },
      );
    }
    const size = extra.size ?? header.size;
    const padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
    if ('LKxg'.includes(header.type)) {
      if (header.size > MOST_EXTRA_BYTES) throw brokenTar(path, new Error('a header is too long'));
      const bytes = await input.read(header.size);
      if (bytes.length < header.size) throw brokenTar(path, new Error('a header is cut off'));
      await input.skip((BLOCK_BYTES - (header.size % BLOCK_BYTES)) % BLOCK_BYTES);
      if (header.type === 'L') extra.name = text(bytes);
      if (header.type === 'K') extra.link = text(bytes);
      if (header.type === 'x') {
        const records = parseRecords(bytes);
        const stated = records.get('size');
        extra = {
          ...extra,
          ...(records.has('path') ? { name: records.get('path')! } : {}),
          ...(records.has('linkpath') ? { link: records.get('linkpath')! } : {}),
          ...(stated !== undefined ? { size: Number(stated) } : {}),
          isSparse: [...records.keys()].some((key) => key.startsWith('GNU.sparse')),
        };
        if (extra.size !== undefined && !(Number.isSafeInteger(extra.size) && extra.size >= 0)) {
          throw brokenTar(path, new Error('a size is invalid'));
        }
      }
      continue;
    }
    const written = extra.name ?? header.name;
    const link = extra.link ?? header.link;
    const isSparse = header.type === 'S' || extra.isSparse === true;
    extra = {};
    const name = entryPath(written);
    const isFolder = header.type === '5' || name.endsWith('/') || name === '';
    const unsafe = pathProblem(name);
    const refuse = (reason: string): void => void refused.push({ name: written, reason });
    if (header.type === '1') {
      const target = entries.get(entryPath(link));
      if (unsafe !== undefined) refuse(unsafe);
      else if (target) entries.set(name, { ...target, name });
      else refuse('it is a link to a file that is not in the archive before it');
      // Some programs repeat the data of the file.
      await input.skip(size + padding);
      continue;
    }
    if (!isFolder && unsafe === undefined && FILES.has(header.type) && !isSparse && size <= MAX_ENTRY_BYTES) {
      const offset = await input.take(name, size);
      if (offset !== undefined) entries.set(name, { name, offset, size });
      else if (untaken.length < MOST_UNTAKEN) untaken.push(name);
      await input.skip(padding);
      continue;
    }
    if (unsafe !== undefined) refuse(unsafe);
    else if (header.type === '2') refuse('it is a link');
    else if (isSparse) refuse('it is stored in a way that is not supported (a sparse file)');
    else if (size > MAX_ENTRY_BYTES) refuse(`it is larger than ${MAX_ENTRY_BYTES / 1024 / 1024} MB`);
    else if (!isFolder) refuse('it is not a regular file');
    await input.skip(size + padding);
  }
  return { entries: [...entries.values()], refused, untaken };
}

/** Reads an uncompressed archive, whose files stay where they are. */
export function tarFileInput(fd: number, archiveBytes: number): TarInput {
  let at = 0;
  const skip = (length: number): Promise<void> => {
    at += length;
    // The last padding may be missing.
    if (at - archiveBytes >= BLOCK_BYTES) return Promise.reject(new Error('the archive ends early'));
    return Promise.resolve();
  };
  return {
    read(length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, archiveBytes - at)));
      const read = readSync(fd, bytes, 0, bytes.length, at);
      at += read;
      return Promise.resolve(bytes.subarray(0, read));
    },
    skip,
    async take(_, length) {
      const offset = at;
      if (offset + length > archiveBytes) throw new Error('the archive ends early');
      await skip(length);
      return offset;
    },
  };
}

/** Reads files of a tar archive. */
export interface TarReader {
  /** @throws UnravelError `bad-input`; the message contains only the reason */
  read(entry: TarEntry): Buffer;
  close(): void;
}

/**
 * Opens an archive for reading entries that {@link listTar} listed.
 *
 * @param from - the archive's path, or a descriptor that stays open
 * @throws UnravelError `not-found`
 */
export function openTarReader(from: string | number): TarReader {
  const fd = typeof from === 'number' ? from : openArchive(from);
  return {
    read({ name, offset, size }) {
      const bytes = Buffer.allocUnsafe(size);
      if (readSync(fd, bytes, 0, size, offset) < size) {
        throw new UnravelError('bad-input', 'the archive ends early', { path: name });
      }
      return bytes;
    },
    close() {
      if (typeof from === 'string') closeSync(fd);
    },
  };
}
