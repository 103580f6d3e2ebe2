import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';

/** The mode of folders that only their owner may list, enter and change. */
export const PRIVATE_FOLDER_MODE = 0o700;
/** The mode of files that only their owner may read and write. */
export const PRIVATE_FILE_MODE = 0o600;

const OTHERS = 0o077;

/** Makes a folder and its missing parents for this user only. An existing folder is not changed. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER_MODE });
}

/**
 * Removes the permissions of others from a file or folder of this user. Links, files with several hard links, and other
 * users' files are not changed. Nothing is changed on Windows, where permissions are inherited from the folder.
 */
export async function makePrivate(path: string): Promise<void> {
  if (process.getuid === undefined) return;
  const user = process.getuid();
  // Opened first, so that the checked and the changed file are the same. O_NONBLOCK: a pipe would wait for a writer.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (!handle) return;
  try {
    const found = await handle.stat();
    // A second hard link may lie in another folder, where others are meant to read it.
    const isOurs = found.uid === user && (found.isDirectory() || (found.isFile() && found.nlink === 1));
    // Read-only file systems and those without modes refuse; that is ignored.
    if (isOurs && (found.mode & OTHERS) !== 0) await handle.chmod(found.mode & 0o700).catch(() => undefined);
  } finally {
    await handle.close();
  }
}
