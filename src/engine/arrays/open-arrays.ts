import { extname } from 'node:path';
import type { ArrayArchive } from './archive.ts';
import { openNpy, openNpz } from './numpy.ts';

const OPENERS: Readonly<Record<string, (path: string) => ArrayArchive | Promise<ArrayArchive>>> = {
  '.npz': openNpz,
  '.npy': openNpy,
};

/** True for a name with the extension of an archive of arrays. */
export function isArraysName(name: string): boolean {
  return Object.hasOwn(OPENERS, extname(name).toLowerCase());
}

/**
 * Opens an archive, calls `work` with it, and closes it.
 *
 * @throws UnravelError as {@link openArrays}
 */
export async function withArrays<T>(path: string, work: (archive: ArrayArchive) => Promise<T>): Promise<T> {
  const archive = await openArrays(path);
  try {
    return await work(archive);
  } finally {
    archive.close();
  }
}

/**
 * Opens an archive of arrays by its extension; the caller closes it.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openArrays(path: string): Promise<ArrayArchive> {
  return OPENERS[extname(path).toLowerCase()]!(path);
}
