import { extname } from 'node:path';
import type { ArrayArchive } from './archive.ts';
import { openHdf5 } from './hdf5.ts';
import { isIdxName, openIdx } from './idx.ts';
import { openMatlab } from './matlab.ts';
import { isNorbName, openNorb } from './norb.ts';
import { openNpy, openNpz } from './numpy.ts';
import { openSafetensors } from './safetensors.ts';

type Opener = (path: string) => ArrayArchive | Promise<ArrayArchive>;

const OPENERS: Readonly<Record<string, Opener>> = {
  '.npz': openNpz,
  '.npy': openNpy,
  '.h5': openHdf5,
  '.hdf5': openHdf5,
  '.hdf': openHdf5,
  '.safetensors': openSafetensors,
  '.mat': openMatlab,
};

function openerOf(name: string): Opener | undefined {
  const extension = extname(name).toLowerCase();
  if (Object.hasOwn(OPENERS, extension)) return OPENERS[extension];
  if (isNorbName(name)) return (path) => openNorb([path]);
  return isIdxName(name) ? openIdx : undefined;
}

/** True for a name with the extension of an archive of arrays. */
export function isArraysName(name: string): boolean {
  return openerOf(name) !== undefined;
}

/**
 * Calls `work` with an opened archive, and closes it.
 *
 * @throws UnravelError as {@link openArrays}
 */
export async function withArrays<T>(path: string, work: (archive: ArrayArchive) => Promise<T>): Promise<T> {
  return usingArrays(() => openArrays(path), work);
}

/** Opens an archive, calls `work` with it, and closes it. */
export async function usingArrays<T>(
  open: () => Promise<ArrayArchive>,
  work: (archive: ArrayArchive) => Promise<T>,
): Promise<T> {
  const archive = await open();
  try {
    return await work(archive);
  } finally {
    archive.close();
  }
}

/**
 * Opens an archive of arrays by its name; the caller closes it.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openArrays(path: string): Promise<ArrayArchive> {
  return openerOf(path)!(path);
}
