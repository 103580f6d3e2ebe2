import { createReadStream } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, isAbsolute, sep } from 'node:path';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { throwIfCancelled } from '../basics/cancel.ts';
import { bytePath, filePath, readablePath, type BytePath } from './file-path.ts';
import { byName, isHidden, isImageName, labelFormat, type ImageSource, type LabelFile } from './source.ts';
import { uniqueFileNames } from '../basics/unique-names.ts';

/** Paths of the attributes in CelebA's folder structure, relative to the folder of the images or one above it. */
const CELEBA_PLACES = ['list_attr_celeba.txt', join('Anno', 'list_attr_celeba.txt'), 'list_attr_celeba.csv'];

interface Found {
  /** Paths below the folder, with `/`. */
  readonly images: BytePath[];
  readonly refused: SkippedFile[];
  readonly labels: BytePath[];
}

async function realBytePath(path: BytePath): Promise<BytePath> {
  return bytePath(await realpath(filePath(path), { encoding: 'buffer' }));
}

function isInside(root: BytePath, path: BytePath): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Resolves a link: to a file that may be read, to something that is ignored, or to something that is refused. */
async function followLink(root: BytePath, path: BytePath): Promise<{ isFile: boolean; refusal?: string }> {
  let target;
  try {
    target = await realBytePath(path);
  } catch {
    return isImageName(path)
      ? { isFile: false, refusal: 'it is a link that leads nowhere' }
      : { isFile: false };
  }
  if (!isInside(root, target)) return { isFile: false, refusal: 'it is a link that leaves the folder' };
  // Links to folders are not followed: a folder inside the root is visited at its own place, so circular links
  // cannot cause an endless loop.
  return { isFile: (await stat(filePath(target))).isFile() };
}

async function walk(
  root: BytePath,
  folder: BytePath,
  found: Found,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfCancelled(signal);
  const path = folder === '' ? root : join(root, folder);
  let entries;
  try {
    entries = await readdir(filePath(path), { withFileTypes: true, encoding: 'buffer' });
  } catch (cause) {
    if (folder === '') throw cause;
    found.refused.push({ file: `${readablePath(folder)}/`, reason: 'the folder could not be opened' });
    return;
  }
  for (const entry of entries) {
    const own = bytePath(entry.name);
    if (isHidden(own)) continue;
    const name = folder === '' ? own : `${folder}/${own}`;
    if (entry.isDirectory()) {
      await walk(root, name, found, signal);
      continue;
    }
    if (entry.isSymbolicLink()) {
      const { isFile, refusal } = await followLink(root, join(path, own));
      if (refusal !== undefined) found.refused.push({ file: readablePath(name), reason: refusal });
      if (!isFile) continue;
    } else if (!entry.isFile()) {
      // Reading a pipe or a device might never end.
      if (isImageName(own)) {
        found.refused.push({ file: readablePath(name), reason: 'it is not a regular file' });
      }
      continue;
    }
    if (isImageName(own)) found.images.push(name);
    else if (labelFormat(own)) found.labels.push(name);
  }
}

function labelFile(path: BytePath): LabelFile {
  const format = labelFormat(path.split(sep).join('/'))!;
  return {
    name: readablePath(basename(path)),
    format,
    open: () => createReadStream(filePath(path), 'utf8'),
  };
}

/** True for a regular file below a folder, or a link to one. */
async function isFileInside(folder: BytePath, path: BytePath): Promise<boolean> {
  try {
    // Any part of the path may be a link, such as `Anno` or the list itself.
    const target = await realBytePath(path);
    return isInside(folder, target) && (await lstat(filePath(target))).isFile();
  } catch {
    return false;
  }
}

/**
 * Finds CelebA's attributes in the folder or the two folders above it. Links that leave the folder in which they
 * are found are ignored.
 */
async function celebaAround(root: BytePath): Promise<LabelFile[]> {
  const found: LabelFile[] = [];
  const above = dirname(root);
  for (const folder of new Set([root, above, dirname(above)])) {
    for (const place of CELEBA_PLACES) {
      const path = join(folder, place);
      if (await isFileInside(folder, path)) found.push(labelFile(path));
    }
  }
  return found;
}

/**
 * Finds the images in a folder and its sub-folders. Links that leave it are refused. Hidden files and files without
 * an image's extension are ignored. Names that are not UTF-8 are decoded as Latin-1.
 *
 * @throws UnravelError `bad-input` if the folder cannot be opened, `cancelled`
 */
export async function openFolder(path: string, signal?: AbortSignal): Promise<ImageSource> {
  const found: Found = { images: [], refused: [], labels: [] };
  let root: BytePath;
  try {
    root = await realBytePath(bytePath(path));
    await walk(root, '', found, signal);
  } catch (cause) {
    if (cause instanceof UnravelError) throw cause;
    throw new UnravelError('bad-input', `Could not open the folder ${path}.`, {
      path,
      cause,
      hint: 'Check that you may read it.',
    });
  }
  const images = found.images
    .map((bytes) => ({ bytes, name: readablePath(bytes) }))
    .sort((a, b) => byName(a.name, b.name) || byName(a.bytes, b.bytes));
  // Two names may be displayed in the same way, one in UTF-8 and one in Latin-1.
  const unique = uniqueFileNames();
  const names = images.map(({ name }) => unique.take(name));
  const own = found.labels.sort(byName).map((name) => labelFile(join(root, name)));
  const labelFiles = [...own, ...(await celebaAround(root))];
  return {
    origin: { kind: 'files' },
    names,
    item: (index) => filePath(join(root, images[index]!.bytes)),
    refused: found.refused.sort((a, b) => byName(a.file, b.file)),
    // CelebA's own list comes first, because another table may not be about the images.
    labelFiles: labelFiles.sort((a, b) => Number(a.format === 'csv') - Number(b.format === 'csv')),
  };
}

/** Opens a single image file as a source. */
export function openImageFile(path: string): ImageSource {
  return {
    origin: { kind: 'files' },
    names: [basename(path)],
    item: () => path,
    refused: [],
    labelFiles: [],
  };
}
