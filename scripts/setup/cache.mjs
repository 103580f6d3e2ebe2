import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { removeFolder, removeLeftovers } from './remove.mjs';

/**
 * The user's cache folder for what is downloaded and built once for all clones.
 *
 * @param {NodeJS.ProcessEnv} [env] - `UNRAVEL_CACHE` overrides the system's place
 * @param {string} [platform]
 * @param {string} [home]
 * @returns {string} an absolute path; the folder may not exist yet
 */
export function cacheFolder(env = process.env, platform = process.platform, home = homedir()) {
  if (env['UNRAVEL_CACHE']) return env['UNRAVEL_CACHE'];
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'unravel');
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'unravel', 'Cache');
  return join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'unravel');
}

/**
 * What is locked for work inside one clone, such as set-up and build: the clone's own folder, so that every user and
 * every cache has the same lock, and a clone that may only be read has one. Windows cannot lock a folder.
 *
 * @param {string} cache
 * @param {string} root - the clone
 */
export function cloneLock(cache, root) {
  if (process.platform !== 'win32') return root;
  return join(cache, 'locks', `clone-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
}

/**
 * Makes a folder of the cache whole or not at all: `fill` works in a temporary folder beside it, which is then
 * renamed. Whatever is left of attempts that were killed is removed. A folder that exists is returned as it is.
 *
 * @param {string} folder
 * @param {(temporary: string) => Promise<void>} fill
 * @param {{ onWait?: (() => void) | undefined }} [options]
 * @returns {Promise<boolean>} whether it had to be made
 */
export async function makeOnce(folder, fill, { onWait } = {}) {
  if (existsSync(folder)) return false;
  const prefix = `${basename(folder)}.partial-`;
  return withLock(
    join(dirname(folder), 'locks', `${basename(folder)}.lock`),
    async () => {
      if (existsSync(folder)) return false;
      // Under the lock nobody else is making it.
      await removeLeftovers(dirname(folder), partial(prefix));
      const temporary = join(dirname(folder), prefix + randomBytes(4).toString('hex'));
      await mkdir(temporary, { recursive: true });
      try {
        await fill(temporary);
        await rename(temporary, folder);
      } finally {
        await removeFolder(temporary);
      }
      return true;
    },
    { onWait },
  );
}

/**
 * What attempts at making a folder are called.
 *
 * @param {string} prefix
 */
function partial(prefix) {
  return new RegExp(`^${prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[0-9a-f]{8}$`);
}
