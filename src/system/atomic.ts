import { lstat, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hiddenBeside } from '../../scripts/setup/remove.mjs';
import { UnravelError } from '../contract/errors.ts';
import { PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE } from './private.ts';
import { lockFile, type Lock } from './lock.ts';
import { removeFile, removeFolder, stagingLock } from './remove.ts';
import { existingParent, explainWriteError } from './write-error.ts';

/** Before the umask takes from it: what a person asked for is as open as everything else that they make. */
const USUAL_FILE_MODE = 0o666;
const USUAL_FOLDER_MODE = 0o777;

/** Makes a folder, and what is missing above it, of a mode. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    // On a read-only disk Node says that the folder does not exist. The first missing one, made alone, tells why.
    let missing = folder;
    while (dirname(missing) !== existingParent(missing).path) missing = dirname(missing);
    await mkdir(missing, { mode });
    await mkdir(folder, { recursive: true, mode });
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for syncing, and its rename is durable without.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file so that it is either the old one or the new one, whatever happens in between: temporary file,
 * fsync, rename. Missing folders are made. Whoever may read or write the old file may read or write the new one.
 *
 * @param chunks - the contents, one piece or several in order
 * @throws UnravelError `disk-full` or `bad-input` when the write is refused; the old file is untouched then
 */
export function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): Promise<void> {
  return write(path, chunks, { isPrivate: false });
}

/**
 * As {@link writeFileAtomic}, for this user alone: nobody else may read or write the file, whatever the umask and
 * whatever the old file allowed. Missing folders are made for this user alone, too.
 */
export function writePrivateFile(path: string, ...chunks: (string | Uint8Array)[]): Promise<void> {
  return write(path, chunks, { isPrivate: true });
}

async function write(
  path: string,
  chunks: readonly (string | Uint8Array)[],
  { isPrivate }: { readonly isPrivate: boolean },
): Promise<void> {
  const temporary = hiddenBeside(path);
  try {
    const folderMode = isPrivate ? PRIVATE_FOLDER_MODE : USUAL_FOLDER_MODE;
    await makeFolder(dirname(path), folderMode);
    const kept = isPrivate ? PRIVATE_FILE_MODE : await modeOf(path);
    const handle = await open(temporary, 'wx', kept ?? USUAL_FILE_MODE);
    try {
      // The umask has taken from the mode what the old file may have had.
      if (kept !== undefined && ((await handle.stat()).mode & 0o777) !== kept) await handle.chmod(kept);
      for (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // Where the folder itself could not be made there is nothing to remove.
    await removeFile(temporary).catch(() => undefined);
    throw explainWriteError(path, error);
  }
}

/** Who may do what with a file; undefined where there is none. */
async function modeOf(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? found.mode & 0o777 : undefined;
}

/**
 * Fills a folder that appears only when it is complete: `fill` writes into a hidden folder beside it, which is
 * renamed at the end and removed if anything fails. A killed process leaves a hidden folder, never half a result.
 *
 * @param folder - the folder to make; it must not exist
 * @param fill - writes everything into the folder that it is given
 */
export function writeFolderAtomic<T>(folder: string, fill: (staging: string) => Promise<T>): Promise<T> {
  return fillFolder(folder, fill, USUAL_FOLDER_MODE);
}

/**
 * As {@link writeFolderAtomic}, for this user alone: nobody else may enter the folder, whatever the umask. Folders
 * above it that are missing are made for this user alone, too.
 */
export function writePrivateFolder<T>(folder: string, fill: (staging: string) => Promise<T>): Promise<T> {
  return fillFolder(folder, fill, PRIVATE_FOLDER_MODE);
}

async function fillFolder<T>(
  folder: string,
  fill: (staging: string) => Promise<T>,
  mode: number,
): Promise<T> {
  let staging = hiddenBeside(folder);
  let lock: Lock | undefined;
  try {
    await makeFolder(dirname(staging), mode);
    // Taken before the folder is there: whoever clears up meets no folder that is filled and not locked.
    while (!(lock = await lockStaging(staging))) staging = hiddenBeside(folder);
    await mkdir(staging, { mode });
    const result = await fill(staging);
    await rename(staging, folder);
    await syncFolder(dirname(folder));
    return result;
  } catch (error) {
    await removeFolder(staging).catch(() => undefined);
    throw explainWriteError(folder, asIfInPlace(error, staging, folder));
  } finally {
    if (lock) await removeFile(stagingLock(staging)).catch(() => undefined);
    lock?.release();
  }
}

/** @returns undefined where somebody clears up a folder of the same random name */
async function lockStaging(staging: string): Promise<Lock | undefined> {
  try {
    return await lockFile(stagingLock(staging));
  } catch {
    // Where there are no locks nobody clears up either; where nothing can be written, making the folder says why.
    return { release: () => undefined };
  }
}

/** A failure to write a file of a folder that was being filled names where the file would have been. */
function asIfInPlace(error: unknown, staging: string, folder: string): unknown {
  if (!(error instanceof UnravelError) || error.path?.startsWith(staging) !== true) return error;
  const { code, message, path, hint } = error;
  return new UnravelError(code, message.replaceAll(staging, folder), {
    path: path.replace(staging, folder),
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
