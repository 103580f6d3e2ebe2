import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';

/** Folders that only their owner may list, enter and change. */
export const PRIVATE_FOLDER_MODE = 0o700;
/** Files that only their owner may read and write. */
export const PRIVATE_FILE_MODE = 0o600;

const OTHERS = 0o077;

/** Makes a folder, and those above it that are missing, for this user alone. One that exists stays as it is. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER_MODE });
}

/**
 * Takes every right of others to a file or folder of this user's away. Links, files with a second name, and what
 * belongs to others are left alone, and so is everything on Windows, where folders inherit who may enter them.
 */
export async function makePrivate(path: string): Promise<void> {
  if (process.getuid === undefined) return;
  const user = process.getuid();
  // Opened first, so that what is looked at and what is changed are the same. A pipe would wait for a writer.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (!handle) return;
  try {
    const found = await handle.stat();
    // A second name may lie in another folder, whose owner wants others to read it.
    const isOurs = found.uid === user && (found.isDirectory() || (found.isFile() && found.nlink === 1));
    // File systems without modes, and those that are only read, refuse; there is nothing that could be done.
    if (isOurs && (found.mode & OTHERS) !== 0) await handle.chmod(found.mode & 0o700).catch(() => undefined);
  } finally {
    await handle.close();
  }
}
