import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, isAbsolute, sep } from 'node:path';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { throwIfCancelled } from './cancel.ts';
import { byName, isHidden, isImageName, labelFormat, type ImageSource, type LabelFile } from './source.ts';

/** Where CelebA's own folders keep the attributes, from the folder of the images and from the one above it. */
const CELEBA_PLACES = ['list_attr_celeba.txt', join('Anno', 'list_attr_celeba.txt'), 'list_attr_celeba.csv'];

interface Found {
  readonly images: string[];
  readonly refused: SkippedFile[];
  readonly labels: string[];
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** What a link leads to: an image file that may be read, nothing of interest, or something that is refused. */
async function followLink(
  root: string,
  path: string,
  name: string,
): Promise<{ isFile: boolean; refusal?: string }> {
  let target;
  try {
    target = await realpath(path);
  } catch {
    return isImageName(name)
      ? { isFile: false, refusal: 'it is a link that leads nowhere' }
      : { isFile: false };
  }
  if (!isInside(root, target)) return { isFile: false, refusal: 'it is a link that leaves the folder' };
  // A folder inside is walked at its own place, once; so links in a circle cannot lead round and round.
  return { isFile: (await stat(target)).isFile() };
}

async function walk(
  root: string,
  folder: string,
  found: Found,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfCancelled(signal);
  const path = folder === '' ? root : join(root, folder);
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (cause) {
    if (folder === '') throw cause;
    found.refused.push({ file: `${folder}/`, reason: 'the folder could not be opened' });
    return;
  }
  for (const entry of entries) {
    if (isHidden(entry.name)) continue;
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      await walk(root, name, found, signal);
      continue;
    }
    if (entry.isSymbolicLink()) {
      const { isFile, refusal } = await followLink(root, join(path, entry.name), entry.name);
      if (refusal !== undefined) found.refused.push({ file: name, reason: refusal });
      if (!isFile) continue;
    } else if (!entry.isFile()) {
      // A pipe or a device would never end.
      if (isImageName(entry.name)) found.refused.push({ file: name, reason: 'it is not a regular file' });
      continue;
    }
    if (isImageName(entry.name)) found.images.push(name);
    else if (labelFormat(entry.name)) found.labels.push(name);
  }
}

function labelFile(path: string): LabelFile {
  const format = labelFormat(path.split(sep).join('/'))!;
  return { name: basename(path), format, open: () => createReadStream(path, 'utf8') };
}

/** CelebA's attributes beside the folder or above it. */
async function celebaAround(root: string): Promise<LabelFile[]> {
  const found: LabelFile[] = [];
  const above = dirname(root);
  for (const folder of new Set([root, above, dirname(above)])) {
    for (const place of CELEBA_PLACES) {
      const path = join(folder, place);
      const isFile = await stat(path).then(
        (stats) => stats.isFile(),
        () => false,
      );
      if (isFile) found.push(labelFile(path));
    }
  }
  return found;
}

/**
 * Finds the images of a folder and of the folders in it. Links that leave it are refused; hidden files and files
 * that are not called images are passed over.
 *
 * @throws UnravelError `bad-input` where the folder cannot be opened, `cancelled`
 */
export async function openFolder(path: string, signal?: AbortSignal): Promise<ImageSource> {
  const found: Found = { images: [], refused: [], labels: [] };
  let root;
  try {
    root = await realpath(path);
    await walk(root, '', found, signal);
  } catch (cause) {
    if (cause instanceof UnravelError) throw cause;
    throw new UnravelError('bad-input', `Could not open the folder ${path}.`, {
      path,
      cause,
      hint: 'Check that you may read it.',
    });
  }
  const names = found.images.sort(byName);
  const own = found.labels.sort(byName).map((name) => labelFile(join(root, name)));
  const labelFiles = [...own, ...(await celebaAround(root))];
  return {
    origin: { kind: 'files' },
    names,
    item: (index) => join(root, names[index]!),
    refused: found.refused.sort((a, b) => byName(a.file, b.file)),
    // CelebA's own list is never a mistake; another table may be about something else.
    labelFiles: labelFiles.sort((a, b) => Number(a.format === 'csv') - Number(b.format === 'csv')),
  };
}

/** A single image as a source. */
export function openImageFile(path: string): ImageSource {
  return {
    origin: { kind: 'files' },
    names: [basename(path)],
    item: () => path,
    refused: [],
    labelFiles: [],
  };
}
