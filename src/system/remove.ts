import * as plain from '../../scripts/setup/remove.mjs';
import { SetupError } from '../../scripts/setup/failure.mjs';
import { UnravelError } from '../contract/errors.ts';
import { isFileLocked, lockFile, type Lock } from './lock.ts';
import { explainWriteError } from './write-error.ts';

/**
 * Removes a folder and everything in it, but never the target of a link. Does nothing if there is no folder.
 *
 * @throws UnravelError `conflict` where it is a link, not a folder, or another user's; nothing is removed then
 */
export async function removeFolder(path: string): Promise<void> {
  await plain.removeFolder(path).catch((error: unknown) => {
    throw asRefusal(path, error);
  });
}

/** Removes a file, or a link but not its target. Does nothing if there is no file. */
export async function removeFile(path: string): Promise<void> {
  await plain.removeFile(path);
}

/** Removes an empty folder. @throws the system's error where it is not empty, or is a link */
export async function removeEmptyFolder(path: string): Promise<void> {
  await plain.removeEmptyFolder(path);
}

/**
 * Removes a file and the folder that was made for it, synchronously, because an exiting process cannot wait.
 *
 * @throws the system's error where one of them does not exist, or the folder holds another file
 */
export function removeFileAndItsFolder(path: string): void {
  plain.removeFileAndItsFolder(path);
}

/**
 * Removes a file, a link (not its target), or a folder with everything in it. A folder is first renamed to a hidden
 * name that {@link removeLeftovers} knows, so that it disappears at once. Does nothing if nothing has this name.
 *
 * @throws UnravelError `conflict` where it, or the folder that it lies in, is a link or another user's; `bad-input`
 *   where the system refuses it
 */
export async function removeEntry(path: string): Promise<void> {
  await plain.removeEntry(path).catch((error: unknown) => {
    throw asRefusal(path, error);
  });
}

/**
 * Removes what killed processes have left in a folder: this user's own files and folders whose name matches. Nothing is
 * removed if `folder` is a link or another user's. The caller must hold the lock under which they are made.
 *
 * @param name - matches the whole name
 */
export async function removeLeftovers(folder: string, name: RegExp = plain.hiddenName): Promise<void> {
  await plain.removeLeftovers(folder, name);
}

/** The names of the lock files of {@link stagingLock}. */
const LOCK_NAME = new RegExp(plain.hiddenName.source.replace(/\$$/, '\\.lock$'));

/**
 * The lock file of a hidden folder that is being filled; its process holds the lock until the folder is complete. It
 * lies beside the folder, because it must exist first and is not part of the result.
 *
 * @param staging - the folder's hidden path
 */
export function stagingLock(staging: string): string {
  return `${staging}.lock`;
}

/** As {@link removeLeftovers}, except that folders that a process is filling are kept. */
export async function removeLeftStagings(folder: string): Promise<void> {
  await plain.removeLeftovers(folder, plain.hiddenName, (path) => isFileLocked(stagingLock(path)));
  // The locks are held until their files are removed, so that no process starts to use one of them.
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
