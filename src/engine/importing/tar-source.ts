import { createReadStream, closeSync, fstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { UnravelError } from '../../contract/errors.ts';
import { brokenTar, listTar, tarFileInput, type TarEntry, type TarListing } from '../files/tar.ts';
import { openArchive } from '../files/zip-reader.ts';
import { isTableName } from '../labels/label-file.ts';
import { archiveSource } from './archive-source.ts';
import { isHidden, isImageName, type ImageSource } from './source.ts';
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
  return !isHidden(name) && (isImageName(name) || isTableName(name));
}

/** The bytes of a file of the archive, in pieces. */
function streamEntry(from: string | number, { offset, size }: TarEntry): AsyncIterable<Buffer> {
  if (size === 0) return Readable.from([]);
  if (typeof from === 'string') return createReadStream(from, { start: offset, end: offset + size - 1 });
  return createReadStream('', { fd: from, autoClose: false, start: offset, end: offset + size - 1 });
}

/**
 * Finds the images of a tar archive, also of a compressed one (`.tar.gz`), whose images are unpacked into a temporary file
 * first. Entries with paths outside of it are refused.
 *
 * @returns a source that must be closed
 * @throws UnravelError `not-found`, `bad-input`, `disk-full` or `cancelled`
 */
export async function openTar(
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ImageSource> {
  const unpacked = isTarGzipName(path) ? await unpackTar(path, { isWanted, signal }) : undefined;
  try {
    const from = unpacked?.fd ?? path;
    const listing = unpacked ?? (await listPlain(path));
    return {
      ...(await archiveSource(path, listing, (entry) => streamEntry(from, entry))),
      origin: { kind: 'tar', from },
      root: join(dirname(path), tarBaseName(path)),
      close: () => unpacked?.release(),
    };
  } catch (error) {
    unpacked?.release();
    throw error;
  }
}
