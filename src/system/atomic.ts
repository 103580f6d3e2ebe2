import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';

/** Names of what is still being written: a leading dot, so that listings pass it over. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.part`);
}

/** Says in a sentence why a write failed, where the reason is one that a person can mend. */
export function explainWriteError(path: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UnravelError('disk-full', `Could not write ${path}: the disk is full.`, {
      path,
      cause,
      hint: 'Free some space and try again; nothing that was there before has changed.',
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new UnravelError('bad-input', `Could not write ${path}: writing there is not allowed.`, {
      path,
      cause,
      hint: 'Choose a folder that you may write to.',
    });
  }
  if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENOTEMPTY') {
    return new UnravelError('bad-input', `Could not write ${path}: something else stands in its place.`, {
      path,
      cause,
      hint: 'Choose another name.',
    });
  }
  return cause;
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
 * fsync, rename. Missing folders are made.
 *
 * @param chunks - the contents, one piece or several in order
 * @throws UnravelError `disk-full` or `bad-input` when the write is refused; the old file is untouched then
 */
export async function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'w');
    try {
      for (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // Where the folder itself could not be made there is nothing to remove, and rm says so.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainWriteError(path, error);
  }
}

/**
 * Fills a folder that appears only when it is complete: `fill` writes into a hidden folder beside it, which is
 * renamed at the end and removed if anything fails. A killed process leaves a hidden folder, never half a result.
 *
 * @param folder - the folder to make; it must not exist
 * @param fill - writes everything into the folder that it is given
 */
export async function writeFolderAtomic<T>(
  folder: string,
  fill: (staging: string) => Promise<T>,
): Promise<T> {
  const staging = temporaryBeside(folder);
  try {
    await mkdir(staging, { recursive: true });
    const result = await fill(staging);
    await rename(staging, folder);
    await syncFolder(dirname(folder));
    return result;
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    throw explainWriteError(folder, error);
  }
}
