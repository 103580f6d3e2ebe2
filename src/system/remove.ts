import * as plain from '../../scripts/setup/remove.mjs';
import { SetupError } from '../../scripts/setup/failure.mjs';
import { UnravelError } from '../contract/errors.ts';
import { isFileLocked, lockFile, type Lock } from './lock.ts';
import { explainWriteError } from './write-error.ts';

/**
 * Removes a folder and everything in it, never what a link leads to. That there is none is no error.
 *
 * @throws UnravelError `conflict` where it is a link, no folder, or another user's; nothing is removed then
 */
export async function removeFolder(path: string): Promise<void> {
  await plain.removeFolder(path).catch((error: unknown) => {
    throw asRefusal(path, error);
  });
}

/** Removes a file, or a link without what it leads to. That there is none is no error. */
export async function removeFile(path: string): Promise<void> {
  await plain.removeFile(path);
}

/** Removes a folder that has nothing in it. @throws what the system says where it has, or is a link */
export async function removeEmptyFolder(path: string): Promise<void> {
  await plain.removeEmptyFolder(path);
}

/**
 * Removes a file and the folder that was made for it alone, at once: for the end of a process, which waits for nothing.
 *
 * @throws what the system says where one of them is gone, or the folder holds something else
 */
export function removeFileAndItsFolder(path: string): void {
  plain.removeFileAndItsFolder(path);
}

/**
 * Removes what has this name in a folder: a file or a link alone, a folder with everything in it. A folder vanishes
 * at once, under a hidden name that {@link removeLeftovers} knows. That there is nothing is no error.
 *
 * @throws UnravelError `conflict` where it, or the folder that it lies in, is a link or another user's; `bad-input` where
 *   the system refuses it
 */
export async function removeEntry(path: string): Promise<void> {
  await plain.removeEntry(path).catch((error: unknown) => {
    throw asRefusal(path, error);
  });
}

/**
 * Removes what processes that were killed have left in a folder: own folders and files whose name fits. A folder that
 * is a link or another user's is left alone. To be called under the lock that is held by whoever makes them.
 *
 * @param name - of the whole name
 */
export async function removeLeftovers(folder: string, name: RegExp = plain.hiddenName): Promise<void> {
  await plain.removeLeftovers(folder, name);
}

/** The locks of {@link stagingLock}. */
const LOCK_NAME = new RegExp(plain.hiddenName.source.replace(/\$$/, '\\.lock$'));

/**
 * The lock of a hidden folder that is being filled, which its process holds until the folder is complete. It lies beside
 * the folder: it must be there first, and does not belong to the result.
 *
 * @param staging - the folder's hidden path
 */
export function stagingLock(staging: string): string {
  return `${staging}.lock`;
}

/** As {@link removeLeftovers}, for folders that any process may be filling at the moment: those are left alone. */
export async function removeLeftStagings(folder: string): Promise<void> {
  await plain.removeLeftovers(folder, plain.hiddenName, (path) => isFileLocked(stagingLock(path)));
  // Held until they are removed: nobody begins to fill a folder under a lock that vanishes.
  const held: Lock[] = [];
  try {
    await plain.removeLeftovers(folder, LOCK_NAME, async (path) => {
      const lock = await lockFile(path).catch(() => undefined);
      if (lock) held.push(lock);
      return !lock;
    });
  } finally {
    for (const lock of held) lock.release();
  }
}

function asRefusal(path: string, error: unknown): unknown {
  if (!(error instanceof SetupError)) return explainWriteError(path, error, 'remove');
  return new UnravelError('conflict', error.message, { path, cause: error });
}
