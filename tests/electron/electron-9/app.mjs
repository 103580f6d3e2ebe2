import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder, makeOnce } from '../../../scripts/setup/cache.mjs';
import { buildForElectron9 } from './build.mjs';

const root = resolve(import.meta.dirname, '../../..');
/** One name for each clone, so that they leave each other's builds alone. */
const prefix = `unravel-for-electron-9-${createHash('sha256').update(root).digest('hex').slice(0, 8)}-`;
const keepOthersMs = 60 * 60 * 1000;

/**
 * Unravel built for Electron 9, kept in the cache for as long as neither its sources nor what stands in for today's
 * Electron change. out/ must be built: the engine's programs are those of the usual build.
 *
 * @param {string} [cache]
 * @returns {Promise<string>} its folder
 */
export async function unravelForElectron9(cache = cacheFolder()) {
  const folder = join(cache, `${prefix}${fingerprint()}`);
  const made = await makeOnce(folder, (temporary) =>
    buildForElectron9(
      {
        main: join(root, 'src/main/index.ts'),
        preload: join(root, 'src/preload/index.ts'),
        renderer: join(root, 'src/renderer'),
        besideMain: join(root, 'out/main'),
      },
      temporary,
    ),
  );
  if (made) removeOthers(cache, folder);
  return folder;
}

/** Names and contents of all that is built. */
function fingerprint() {
  const hash = createHash('sha256');
  const folders = [
    'src/main',
    'src/preload',
    'src/host',
    'src/system',
    'src/contract',
    'src/system',
    'src/renderer',
    'tests/electron/electron-9',
  ];
  for (const folder of folders) {
    for (const file of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const path = join(file.parentPath, file.name);
      hash.update(path).update(readFileSync(path));
    }
  }
  for (const file of ['package-lock.json', 'svelte.config.js', 'scripts/setup/remove.mjs'])
    hash.update(readFileSync(join(root, file)));
  // What lies in out/main is linked by name.
  hash.update(readdirSync(join(root, 'out/main')).sort().join());
  return hash.digest('hex').slice(0, 16);
}

/**
 * Builds of earlier sources are of no more use, once what was started from them has ended.
 *
 * @param {string} cache
 * @param {string} kept
 */
function removeOthers(cache, kept) {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (!name.startsWith(prefix) || path === kept) continue;
    const { mtimeMs } = statSync(path);
    if (Date.now() - mtimeMs > keepOthersMs) rmSync(path, { recursive: true, force: true });
  }
}
