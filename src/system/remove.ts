import * as plain from '../../scripts/setup/remove.mjs';
import { SetupError } from '../../scripts/setup/failure.mjs';
import { UnravelError } from '../contract/errors.ts';
import { isStillRunning } from './processes.ts';
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
 * Removes what processes that were killed have left in a folder: own folders and files whose name fits, and whose
 * process has ended. A folder that is a link or another user's is left alone.
 *
 * @param name - of the whole name; its group `pid` is the number of the process
 */
export async function removeLeftovers(folder: string, name: RegExp = plain.hiddenName): Promise<void> {
  await plain.removeLeftovers(folder, name, ({ pid, changedMs }) => isStillRunning(pid, changedMs));
}

function asRefusal(path: string, error: unknown): unknown {
  if (!(error instanceof SetupError)) return explainWriteError(path, error, 'remove');
  return new UnravelError('conflict', error.message, { path, cause: error });
}
