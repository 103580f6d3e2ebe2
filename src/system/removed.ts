import { lstat, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { removeEntry } from './remove.ts';
import { explainWriteError } from './write-error.ts';

/** The names of removed folders whose files are not deleted yet. Lists of data sets and runs ignore them. */
export const REMOVED_NAME = /^\.[a-z0-9][a-z0-9-]{0,99}\.removed$/;

/** Where a removed folder is kept until its files are deleted: beside its own path, so that one rename moves it. */
function removedPath(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.removed`);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Removes a folder in one rename, so that it can be restored by {@link restoreRemoved} until {@link deleteRemoved}
 * deletes its files. If it is a link, the link is moved.
 *
 * @throws UnravelError `conflict` if the folder that it lies in is a link; `bad-input` if the system refuses it
 */
export async function moveToRemoved(folder: string): Promise<void> {
  const parent = dirname(folder);
  if ((await lstat(parent)).isSymbolicLink()) {
    throw new UnravelError('conflict', `${folder} was not removed, because ${parent} is a link.`, {
      path: parent,
      hint: 'Remove the link, or move the whole workspace to its target.',
    });
  }
  const removed = removedPath(folder);
  await removeEntry(removed);
  await rename(folder, removed).catch((error: unknown) => {
    throw explainWriteError(folder, error, 'remove');
  });
}

/**
 * Restores a folder that {@link moveToRemoved} removed.
 *
 * @returns false if it is not there any more
 * @throws UnravelError `bad-input` if the system refuses it
 */
export async function restoreRemoved(folder: string): Promise<boolean> {
  const removed = removedPath(folder);
  if (!(await exists(removed)) || (await exists(folder))) return false;
  await rename(removed, folder).catch((error: unknown) => {
    throw explainWriteError(folder, error, 'restore');
  });
  return true;
}

/** Deletes the files of a folder that {@link moveToRemoved} removed. Does nothing if it was restored. */
export async function deleteRemoved(folder: string): Promise<void> {
  await removeEntry(removedPath(folder));
}
