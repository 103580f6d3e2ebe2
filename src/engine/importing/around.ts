import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { isLikelyLabels, isTableName, type LabelFile } from '../labels/label-file.ts';
import { bytePath, filePath, readablePath, type BytePath } from './file-path.ts';
import { isHidden } from './source.ts';

/** The folder of the lists in CelebA's own structure. */
const CELEBA_FOLDER = 'Anno';
/** CelebA's partition is in a folder of its own. */
const CELEBA_SPLIT_FOLDER = 'Eval';
/** Maximum number of tables that are taken from one folder. */
const MOST_TABLES = 50;

/** The real path, as bytes. */
export async function realBytePath(path: BytePath): Promise<BytePath> {
  return bytePath(await realpath(filePath(path), { encoding: 'buffer' }));
}

/** True for a path in a folder, or the folder itself. */
export function isInside(root: BytePath, path: BytePath): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** A table at a path. */
export function labelFileAt(
  path: BytePath,
  { file, place, bytes }: Pick<LabelFile, 'file' | 'place' | 'bytes'>,
): LabelFile {
  return {
    file,
    place,
    ...(bytes === undefined ? {} : { bytes }),
    open: () => createReadStream(filePath(path)),
  };
}

async function tablesIn(folder: BytePath, within: BytePath, place: LabelFile['place']): Promise<LabelFile[]> {
  let entries;
  try {
    entries = await readdir(filePath(folder), { withFileTypes: true, encoding: 'buffer' });
  } catch {
    // The folder may not exist, or may not be read by this user.
    return [];
  }
  const names = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => bytePath(entry.name))
    .filter((name) => !isHidden(name) && isTableName(name) && (place !== 'above' || isLikelyLabels(name)))
    .sort((a, b) => Number(isLikelyLabels(b)) - Number(isLikelyLabels(a)) || (a < b ? -1 : 1));
  const tables: LabelFile[] = [];
  for (const name of names.slice(0, MOST_TABLES)) {
    const path = join(folder, name);
    try {
      // Any part of the path may be a link, such as `Anno` or the list itself. One that leaves the folder is ignored.
      const target = await realBytePath(path);
      const status = await stat(filePath(target));
      if (!isInside(within, target) || !status.isFile()) continue;
      tables.push(labelFileAt(path, { file: readablePath(path), place, bytes: status.size }));
    } catch {
      // A link that leads nowhere.
    }
  }
  return tables;
}

/**
 * Finds tables near a source: beside it, two folders above its images, and in CelebA's own folders there.
 *
 * @param root - the real path of the folder or archive
 */
export async function tablesAround(root: BytePath): Promise<LabelFile[]> {
  const beside = dirname(root);
  const above = dirname(beside);
  const places = [
    { folder: root, place: 'inside' as const },
    { folder: beside, place: 'beside' as const },
    ...(above === beside ? [] : [{ folder: above, place: 'above' as const }]),
  ];
  const found: LabelFile[] = [];
  for (const { folder, place } of places) {
    // What is in the source itself was found with the images.
    if (place !== 'inside' && folder !== root) found.push(...(await tablesIn(folder, folder, place)));
    if (place === 'inside') continue;
    for (const name of [CELEBA_FOLDER, CELEBA_SPLIT_FOLDER]) {
      if (basename(root) === name) continue;
      found.push(...(await tablesIn(join(folder, name), folder, place)));
    }
  }
  return found;
}
