import { lstat, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hiddenBeside } from '../../scripts/setup/remove.mjs';
import { UnravelError } from '../contract/errors.ts';
import { PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE } from './private.ts';
import { lockFile, type Lock } from './lock.ts';
import { removeFile, removeFolder, stagingLock } from './remove.ts';
import { existingParent, explainWriteError } from './write-error.ts';

/** The modes of files and folders that a person asked for, to which the umask applies as usual. */
const USUAL_FILE_MODE = 0o666;
const USUAL_FOLDER_MODE = 0o777;

/** Makes a folder and its missing parents with a mode. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    // On a read-only disk Node reports that the folder does not exist. Making only its first missing parent gives the
    // reason.
    let missing = folder;
    while (dirname(missing) !== existingParent(missing).path) missing = dirname(missing);
    await mkdir(missing, { mode });
    await mkdir(folder, { recursive: true, mode });
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder to sync it, and its rename is durable without that.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file atomically: after a crash it is either the old one or the new one. It writes a temporary file, syncs
 * and renames it. Missing folders are made. An existing file keeps its mode.
 *
 * @param chunks - the contents, in one or several pieces
 * @throws UnravelError `disk-full` or `bad-input` when the write fails; the old file is unchanged then
 */
export function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): Promise<void> {
  return write(path, chunks, { isPrivate: false });
}

/** As {@link writeFileAtomic}, for contents that are made while they are written. */
export function streamFileAtomic(path: string, contents: AsyncIterable<Uint8Array>): Promise<void> {
  return write(path, contents, { isPrivate: false });
}

/**
 * As {@link writeFileAtomic}, but only this user may read or write the file, whatever the umask and the mode of the old
 * file. Missing folders are made for this user only, too.
 */
export function writePrivateFile(path: string, ...chunks: (string | Uint8Array)[]): Promise<void> {
  return write(path, chunks, { isPrivate: true });
}

async function write(
  path: string,
  chunks: Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>,
  { isPrivate }: { readonly isPrivate: boolean },
): Promise<void> {
  const temporary = hiddenBeside(path);
  try {
    const folderMode = isPrivate ? PRIVATE_FOLDER_MODE : USUAL_FOLDER_MODE;
    await makeFolder(dirname(path), folderMode);
    const kept = isPrivate ? PRIVATE_FILE_MODE : await modeOf(path);
    const handle = await open(temporary, 'wx', kept ?? USUAL_FILE_MODE);
    try {
      // The umask may have removed permissions that the old file had.
      if (kept !== undefined && ((await handle.stat()).mode & 0o777) !== kept) await handle.chmod(kept);
      for await (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // If the folder could not be made, there is no temporary file to remove.
    await removeFile(temporary).catch(() => undefined);
    throw explainWriteError(path, error);
  }
}

/** The permissions of a file; undefined where there is none. */
async function modeOf(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? found.mode & 0o777 : undefined;
}

/**
 * Makes a folder that appears only when it is complete: `fill` writes into a hidden folder beside it, which is renamed
 * at the end, or removed if anything fails. A killed process leaves only the hidden folder.
 *
 * @param folder - the folder to make; it must not exist
 * @param fill - writes the contents into the folder that it is given
 */
export function writeFolderAtomic<T>(folder: string, fill: (staging: string) => Promise<T>): Promise<T> {
  return fillFolder(folder, fill, USUAL_FOLDER_MODE);
}

/**
 * As {@link writeFolderAtomic}, but only this user may open the folder, whatever the umask. Missing parents are made
 * for this user only, too.
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
    // Locked before the folder exists, so that a clean-up never finds a folder that is being filled and not locked.
    while (!(lock = await lockStaging(staging))) staging = hiddenBeside(folder);
    await mkdir(staging, { mode });
    const result = await fill(staging);
    await rename(staging, folder);
    await syncFolder(dirname(folder));
    return result;
  } catch (error) {
    await removeFolder(staging).catch(() => undefined);
    throw explainWriteError(folder, withFinalPath(error, staging, folder));
  } finally {
    if (lock) await removeFile(stagingLock(staging)).catch(() => undefined);
    lock?.release();
  }
}

/** @returns undefined where another process is removing a folder of the same random name */
async function lockStaging(staging: string): Promise<Lock | undefined> {
  try {
    return await lockFile(stagingLock(staging));
  } catch {
    // Without locks nothing cleans up either. If nothing can be written, making the folder reports the reason.
    return { release: () => undefined };
  }
}

/** Replaces the hidden folder's path in an error by the final path. */
function withFinalPath(error: unknown, staging: string, folder: string): unknown {
  if (!(error instanceof UnravelError) || error.path?.startsWith(staging) !== true) return error;
  const { code, message, path, hint } = error;
  return new UnravelError(code, message.replaceAll(staging, folder), {
    path: path.replace(staging, folder),
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
