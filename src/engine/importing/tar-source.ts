import { createReadStream, closeSync, fstatSync, readSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { UnravelError } from '../../contract/errors.ts';
import { brokenTar, listTar, tarFileInput, type TarEntry, type TarListing } from '../files/tar.ts';
import { openArchive } from '../files/zip-reader.ts';
import { isTableName } from '../labels/label-file.ts';
import { archiveSource } from './archive-source.ts';
import { isHidden, isImageName, type ImageSource } from './source.ts';
import type { SetFile } from '../arrays/set-file.ts';
import { areCifar, isCifarName, openCifar } from '../arrays/cifar.ts';
import type { ArrayArchive } from '../arrays/archive.ts';
import { unpackTar } from './unpacked-tar.ts';

/** True for the name of a compressed tar archive that is read. */
export function isTarGzipName(name: string): boolean {
  return /\.(tar\.gz|tgz)$/i.test(name);
}

/** A tar archive's name without its extensions. */
export function tarBaseName(path: string): string {
  return basename(path).replace(/(\.tar)?\.[^.]+$/i, '');
}

async function listPlain(path: string): Promise<TarListing> {
  const fd = openArchive(path);
  try {
    return await listTar(tarFileInput(fd, fstatSync(fd).size), path);
  } catch (cause) {
    throw cause instanceof UnravelError ? cause : brokenTar(path, cause);
  } finally {
    closeSync(fd);
  }
}

function isWanted(name: string): boolean {
  return !isHidden(name) && (isImageName(name) || isTableName(name) || isCifarName(posix.basename(name)));
}

/** The bytes of a file of the archive, in pieces. */
function streamEntry(from: string | number, { offset, size }: TarEntry): AsyncIterable<Buffer> {
  if (size === 0) return Readable.from([]);
  if (typeof from === 'string') return createReadStream(from, { start: offset, end: offset + size - 1 });
  return createReadStream('', { fd: from, autoClose: false, start: offset, end: offset + size - 1 });
}

interface OpenTar {
  readonly listing: TarListing;
  /** Where the files' bytes are: a path, or the descriptor of a temporary file. */
  readonly from: string | number;
  readonly close: () => void;
}

async function openTarFile(path: string, { signal }: TarOptions): Promise<OpenTar> {
  const unpacked = isTarGzipName(path) ? await unpackTar(path, { isWanted, signal }) : undefined;
  return {
    listing: unpacked ?? (await listPlain(path)),
    from: unpacked?.fd ?? path,
    close: () => unpacked?.release(),
  };
}

interface TarOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the images of a tar archive, also of a compressed one (`.tar.gz`), whose images are unpacked into a temporary file
 * first. Entries with paths outside of it are refused.
 *
 * @returns a source that must be closed
 * @throws UnravelError `not-found`, `bad-input`, `disk-full` or `cancelled`
 */
export async function openTar(path: string, options: TarOptions = {}): Promise<ImageSource> {
  const { listing, from, close } = await openTarFile(path, options);
  try {
    return {
      ...(await archiveSource(path, listing, (entry) => streamEntry(from, entry))),
      origin: { kind: 'tar', from },
      root: join(dirname(path), tarBaseName(path)),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function readEntry(from: string | number, { name, offset, size }: TarEntry): Buffer<ArrayBuffer> {
  const fd = typeof from === 'number' ? from : openArchive(from);
  try {
    const bytes = Buffer.alloc(size);
    let done = 0;
    while (done < size) {
      const read = readSync(fd, bytes, done, size - done, offset + done);
      if (read === 0) throw brokenTar(name, undefined);
      done += read;
    }
    return bytes;
  } finally {
    if (typeof from === 'string') closeSync(fd);
  }
}

/** The files of one of CIFAR's folders in an archive; undefined if there is none. */
function cifarFiles(path: string, { listing, from }: OpenTar): SetFile[] | undefined {
  const files = listing.entries
    .filter(({ name }) => !isHidden(name) && isCifarName(posix.basename(name)))
    .map((entry): SetFile & { readonly folder: string } => ({
      name: posix.basename(entry.name),
      folder: posix.dirname(entry.name),
      path: `${path}/${entry.name}`,
      size: entry.size,
      read: () => readEntry(from, entry),
    }));
  return [...new Set(files.map(({ folder }) => folder))]
    .map((folder) => files.filter((file) => file.folder === folder))
    .find(areCifar);
}

/** Whether a tar archive is one of CIFAR's, such as `cifar-10-python.tar.gz`. */
export async function isCifarTar(path: string, options: TarOptions = {}): Promise<boolean> {
  const tar = await openTarFile(path, options);
  try {
    return cifarFiles(path, tar) !== undefined;
  } finally {
    // What was unpacked is kept for a while.
    tar.close();
  }
}

/**
 * Opens a tar archive of CIFAR as arrays.
 *
 * @throws UnravelError `not-found`, `bad-input`, `disk-full` or `cancelled`
 */
export async function openCifarTar(path: string, options: TarOptions = {}): Promise<ArrayArchive> {
  const tar = await openTarFile(path, options);
  try {
    return openCifar(path, cifarFiles(path, tar) ?? [], tar.close);
  } catch (error) {
    tar.close();
    throw error;
  }
}
