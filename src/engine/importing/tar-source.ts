import { createReadStream, closeSync, fstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { UnravelError } from '../../contract/errors.ts';
import { brokenTar, listTar, tarFileInput, type TarEntry, type TarListing } from '../files/tar.ts';
import { openArchive } from '../files/zip-reader.ts';
import { isTableName, type LabelFile } from '../labels/label-file.ts';
import { realBytePath, tablesAround } from './around.ts';
import { bytePath } from './file-path.ts';
import { byName, isHidden, isImageName, type ImageSource } from './source.ts';
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
    const { entries, refused } = unpacked ?? (await listPlain(path));
    const from = unpacked?.fd ?? path;
    const visible = entries.filter(({ name }) => !isHidden(name)).sort((a, b) => byName(a.name, b.name));
    const images = visible.filter(({ name }) => isImageName(name));
    const own = visible
      .filter(({ name }) => isTableName(name))
      .map((entry): LabelFile => ({
        file: entry.name,
        place: 'inside',
        open: () => streamEntry(from, entry),
      }));
    const around = await tablesAround(await realBytePath(bytePath(path)));
    return {
      origin: { kind: 'tar', from },
      names: images.map(({ name }) => name),
      item: (index) => images[index]!,
      refused: refused
        .map(({ name, reason }) => ({ file: name, reason }))
        .sort((a, b) => byName(a.file, b.file)),
      root: join(dirname(path), tarBaseName(path)),
      labelFiles: [...own, ...around],
      close: () => unpacked?.release(),
    };
  } catch (error) {
    unpacked?.release();
    throw error;
  }
}
