import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ArrayArchive } from './archive.ts';
import { isCars3dName, openCars3d } from './cars3d.ts';
import { areCifar, isCifarBatchName, isCifarName, openCifar } from './cifar.ts';
import { idxPair, isIdxName, openIdxPair } from './idx.ts';
import { isNorbName, openNorb } from './norb.ts';
import { fileOfFolder } from './set-file.ts';

/** Several files that hold one published data set together. */
export interface ArraySet {
  /** Opens it; the caller closes it. */
  readonly open: () => Promise<ArrayArchive>;
}

/** Maximum number of files of a set. */
const MOST_FILES = 1000;

/** True for a name that a file of a set may have. */
export function isSetName(name: string): boolean {
  return isCars3dName(name) || isNorbName(name) || isCifarName(name) || isIdxName(name);
}

/**
 * The published data set that some files of one folder hold; undefined if they hold none.
 *
 * @param folder - its path in messages
 * @param paths - files with names of sets; others are left out
 */
async function setOfFiles(folder: string, paths: readonly string[]): Promise<ArraySet | undefined> {
  const named = (is: (name: string) => boolean): string[] =>
    paths
      .filter((path) => is(basename(path)))
      .sort()
      .slice(0, MOST_FILES);
  const cars = named(isCars3dName);
  if (cars.length > 0) {
    return {
      open: () =>
        openCars3d(
          folder,
          cars.map((path) => ({ name: basename(path), path })),
        ),
    };
  }
  const norb = named(isNorbName);
  if (norb.length > 0) return { open: () => openNorb(norb) };
  const pair = idxPair(named(isIdxName));
  if (pair) return { open: () => openIdxPair(folder, pair) };
  const cifar = await Promise.all(
    named(isCifarName).map(async (path) => fileOfFolder(path, (await stat(path)).size)),
  );
  return areCifar(cifar)
    ? { open: () => Promise.resolve(openCifar(folder, cifar, () => undefined)) }
    : undefined;
}

/** Folders around a data set, as torchvision makes them: `data/MNIST/raw`. */
const MOST_FOLDERS = 3;

/**
 * The published data set that a folder holds as arrays, or that the only folder in it holds; undefined if it holds none.
 *
 * @param isPicture - whether a name is that of a picture: a folder with pictures of its own is one of pictures
 */
export async function setInFolder(
  folder: string,
  isPicture: (name: string) => boolean,
  depth = 0,
): Promise<ArraySet | undefined> {
  // A folder that cannot be read is reported where its pictures are looked for.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile() && isSetName(entry.name))
    .map(({ name }) => join(folder, name));
  const set = await setOfFiles(folder, paths);
  if (set) return set;
  const visible = entries.filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX');
  const [inner, ...others] = visible.filter((entry) => entry.isDirectory());
  const hasPictures = visible.some((entry) => !entry.isDirectory() && isPicture(entry.name));
  if (!inner || others.length > 0 || hasPictures || depth >= MOST_FOLDERS) return undefined;
  return setInFolder(join(folder, inner.name), isPicture, depth + 1);
}

/** The data set of a single file of CIFAR-10 and the names of its classes beside it; undefined for another file. */
export async function setOfFile(path: string): Promise<ArraySet | undefined> {
  if (!isCifarBatchName(basename(path))) return undefined;
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => isCifarName(name) && !isCifarBatchName(name));
  return setOfFiles(path, [path, ...names.map((name) => join(folder, name))]);
}

/** The published data set that files chosen together hold; undefined if one of them is of none. */
export async function setAmongFiles(paths: readonly string[]): Promise<ArraySet | undefined> {
  if (!paths.every((path) => isSetName(basename(path)))) return undefined;
  const files = await Promise.all(paths.map(async (path) => (await stat(path)).isFile()));
  return files.every(Boolean) ? setOfFiles(paths[0]!, paths) : undefined;
}
