/** `node:fs/promises` with what Node 12 lacks of it. */
import { promises } from 'fs';

export const {
  access,
  appendFile,
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  open,
  opendir,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} = promises;

export async function rm(
  path: string,
  options: { recursive?: boolean; force?: boolean } = {},
): Promise<void> {
  try {
    const found = await lstat(path);
    if (found.isDirectory()) await (options.recursive ? removeFolder(path) : rmdir(path));
    else await unlink(path);
  } catch (error) {
    if (!options.force || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function removeFolder(path: string): Promise<void> {
  for (const name of await readdir(path)) await rm(`${path}/${name}`, { recursive: true, force: true });
  await rmdir(path);
}

/** Node 12 cannot say how full a disk is. */
export function statfs(): Promise<never> {
  return Promise.reject(Object.assign(new Error('statfs is not there'), { code: 'ENOSYS' }));
}
