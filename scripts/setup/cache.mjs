import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeEntry, removeFolder, removeLeftovers } from './remove.mjs';

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

const heartbeatMs = 2_000;

/**
 * Runs `work` while no other process does, on this machine or on another that shares the folder.
 *
 * The lock is a folder, because making one either succeeds or fails. Its holder touches it while it works; a lock
 * whose holder has died, or that was not touched for `staleAfterMs`, is taken over.
 *
 * @template T
 * @param {string} lock - the path of the lock
 * @param {() => Promise<T>} work
 * @param {{ staleAfterMs?: number, onWait?: () => void }} [options] - `onWait` is called once if there is a wait
 * @returns {Promise<T>}
 */
export async function withLock(lock, work, { staleAfterMs = 30_000, onWait } = {}) {
  await mkdir(dirname(lock), { recursive: true });
  for (let waited = false; !(await tryLock(lock));) {
    if (await isStale(lock, staleAfterMs)) {
      // Renamed before it is removed: of two processes that both find it stale, one rename fails.
      const aside = `${lock}.stale-${randomBytes(4).toString('hex')}`;
      await rename(lock, aside).then(
        () => removeEntry(aside),
        () => undefined,
      );
      continue;
    }
    if (!waited) onWait?.();
    waited = true;
    await sleep(100);
  }
  const heartbeat = setInterval(
    () => void utimes(lock, new Date(), new Date()).catch(() => undefined),
    heartbeatMs,
  );
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await removeFolder(lock);
  }
}

async function tryLock(lock) {
  try {
    await mkdir(lock);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(lock, 'holder.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

async function isStale(lock, staleAfterMs) {
  try {
    if (Date.now() - (await stat(lock)).mtimeMs > staleAfterMs) return true;
    const { pid, host } = JSON.parse(await readFile(join(lock, 'holder.json'), 'utf8'));
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // No such process: it died. Anything else (no holder written yet, lock just gone): ask again.
    return error.code === 'ESRCH';
  }
}

/**
 * The path of a lock for work inside one clone. It lies in the cache, because `npm ci` empties node_modules.
 *
 * @param {string} cache
 * @param {string} root - the clone
 * @param {string} purpose
 */
export function cloneLock(cache, root, purpose) {
  return join(cache, 'locks', `${purpose}-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
}

/**
 * Makes a folder of the cache whole or not at all: `fill` works in a temporary folder beside it, which is then
 * renamed. Whatever is left of attempts that were killed is removed. A folder that exists is returned as it is.
 *
 * @param {string} folder
 * @param {(temporary: string) => Promise<void>} fill
 * @param {{ onWait?: () => void }} [options]
 * @returns {Promise<boolean>} whether it had to be made
 */
export async function makeOnce(folder, fill, { onWait } = {}) {
  if (existsSync(folder)) return false;
  const prefix = `${basename(folder)}.partial-`;
  return withLock(
    `${folder}.lock`,
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

/** What attempts at making a folder are called. */
function partial(prefix) {
  return new RegExp(`^${prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[0-9a-f]{8}$`);
}
