import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs';
import { mkdtemp, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UnravelError } from '../../contract/errors.ts';
import { removeFileAndItsFolder, removeFolder } from '../../system/remove.ts';
import { throwIfCancelled } from '../basics/cancel.ts';
import { brokenTar, listTar, type TarInput, type TarListing } from '../files/tar.ts';

/** Maximum size of a compressed archive's contents. A few megabytes may unpack to any size. */
const MOST_UNPACKED_BYTES = 256 * 2 ** 30;
/** Part of the disk that stays free. */
const KEPT_FREE_BYTES = 512 * 2 ** 20;
/** The free space is looked at again after this many bytes. */
const CHECK_EVERY_BYTES = 64 * 2 ** 20;
/** Time for which a file stays unpacked that nobody uses, as between a preview and its import. */
const KEEP_MS = 10 * 60_000;

/** The wanted files of a compressed archive, in a temporary file without a name. */
export interface UnpackedTar extends TarListing {
  /** The descriptor of the temporary file, for all threads of this process. */
  readonly fd: number;
  /** Ends this use of it. */
  release(): void;
}

/** Options of unpacking. */
export interface UnpackOptions {
  /** Whether a file of the archive is wanted. */
  readonly isWanted: (name: string) => boolean;
  readonly signal?: AbortSignal | undefined;
  /** Maximum size of all contents; of the program's own if left out. */
  readonly mostBytes?: number;
}

interface Kept {
  readonly key: string;
  readonly listing: TarListing;
  readonly fd: number;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** The last archive that was unpacked. */
let kept: Kept | undefined;

function close(file: Kept): void {
  clearTimeout(file.timer);
  if (kept === file) kept = undefined;
  closeSync(file.fd);
}

function use(file: Kept): UnpackedTar {
  clearTimeout(file.timer);
  file.users += 1;
  let isReleased = false;
  return {
    ...file.listing,
    fd: file.fd,
    release() {
      if (isReleased) return;
      isReleased = true;
      file.users -= 1;
      if (file.users > 0) return;
      if (kept !== file) close(file);
      else file.timer = setTimeout(() => close(file), KEEP_MS).unref();
    },
  };
}

/** Reads the archive while it is decompressed, and writes wanted files into the temporary file. */
function gzipInput(
  stream: Readable,
  fd: number,
  folder: string,
  { isWanted, signal, mostBytes = MOST_UNPACKED_BYTES }: UnpackOptions & { readonly path: string },
): TarInput {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let chunk: Buffer = Buffer.alloc(0);
  let total = 0;
  let written = 0;
  let checkedAt = -Infinity;

  /** At most `length` bytes; none at the end. */
  async function next(length: number): Promise<Buffer> {
    while (chunk.length === 0) {
      throwIfCancelled(signal);
      const result = await chunks.next();
      if (result.done === true) return chunk;
      chunk = result.value;
      total += chunk.length;
      if (total > mostBytes) {
        throw new UnravelError(
          'bad-input',
          `The archive unpacks to more than ${(mostBytes / 2 ** 30).toLocaleString('en')} GB.`,
          { hint: 'Unpack it yourself, and import the folder.' },
        );
      }
    }
    const part = chunk.subarray(0, length);
    chunk = chunk.subarray(part.length);
    return part;
  }

  async function checkSpace(length: number): Promise<void> {
    if (written - checkedAt < CHECK_EVERY_BYTES && length < CHECK_EVERY_BYTES) return;
    checkedAt = written;
    const space = await statfs(folder).catch(() => undefined);
    if (space && space.bavail * space.bsize - length < KEPT_FREE_BYTES) {
      throw new UnravelError(
        'disk-full',
        `The archive cannot be unpacked: the disk of ${folder} is nearly full.`,
        {
          path: folder,
          hint: 'Free some space there, or unpack the archive elsewhere and import the folder.',
        },
      );
    }
  }

  async function skip(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      const part = await next(left);
      // The last padding may be missing.
      if (part.length === 0 && left >= 512) throw new Error('the archive ends early');
      if (part.length === 0) return;
      left -= part.length;
    }
  }

  return {
    async read(length) {
      const parts: Buffer[] = [];
      for (let left = length; left > 0;) {
        const part = await next(left);
        if (part.length === 0) break;
        parts.push(part);
        left -= part.length;
      }
      return Buffer.concat(parts);
    },
    skip,
    async take(name, length) {
      const offset = written;
      const isKept = isWanted(name);
      if (isKept) await checkSpace(length);
      for (let left = length; left > 0;) {
        const part = await next(left);
        if (part.length === 0) throw new Error('the archive ends early');
        if (isKept) {
          for (let from = 0; from < part.length;) from += writeSync(fd, part, from);
          written += part.length;
        }
        left -= part.length;
      }
      return isKept ? offset : undefined;
    },
  };
}

async function unpack(path: string, key: string, options: UnpackOptions): Promise<Kept> {
  const folder = await mkdtemp(join(tmpdir(), 'unravel-tar-'));
  let fd: number | undefined;
  const packed = createReadStream(path);
  const stream = pipeline(packed, createGunzip({ chunkSize: 1 << 18 }), () => undefined);
  try {
    const file = join(folder, 'contents');
    fd = openSync(file, 'wx+', 0o600);
    // Without a name, the file disappears with this process, however that ends.
    removeFileAndItsFolder(file);
    const listing = await listTar(gzipInput(stream, fd, tmpdir(), { ...options, path }), path);
    return { key, listing, fd, users: 0, timer: undefined };
  } catch (cause) {
    if (fd !== undefined) closeSync(fd);
    if (cause instanceof UnravelError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') {
      throw new UnravelError(
        'disk-full',
        `The archive ${path} cannot be unpacked: the disk of ${tmpdir()} is full.`,
        {
          path,
          cause,
          hint: 'Free some space there, or unpack the archive elsewhere and import the folder.',
        },
      );
    }
    throw brokenTar(path, cause);
  } finally {
    packed.destroy();
    stream.destroy();
    await removeFolder(folder);
  }
}

/**
 * Unpacks the wanted files of a compressed tar archive, once for several uses in a row. A compressed archive can only be
 * read from its beginning, and an import reads its files in any order.
 *
 * @throws UnravelError `bad-input`, `disk-full`, `cancelled`
 */
export async function unpackTar(path: string, options: UnpackOptions): Promise<UnpackedTar> {
  const { size, mtimeMs, ino } = statSync(path);
  const key = JSON.stringify([path, size, mtimeMs, ino]);
  if (kept?.key === key) return use(kept);
  const unpacked = await unpack(path, key, options);
  const previous = kept;
  kept = unpacked;
  if (previous?.users === 0) close(previous);
  return use(unpacked);
}
