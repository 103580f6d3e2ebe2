import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnravelError } from '../../contract/errors.ts';

/**
 * Finds the built file of an entry that runs separately, such as a worker.
 *
 * The bundler writes shared code to `out/main/chunks` and entries to `out/main`. When the code runs from source, as
 * in unit tests, the entries of the last build are used.
 *
 * @param name - the entry's name in `electron.vite.config.ts`
 * @returns the absolute path of the built entry
 */
export function builtEntry(name: string): string {
  return findBuilt((folder) => [join(folder, `${name}.js`), join(folder, 'out/main', `${name}.js`)], name);
}

/**
 * Finds a built file beside the programs, such as a part of an exported page.
 *
 * @param path - from `out`
 * @returns its absolute path
 */
export function builtFile(path: string): string {
  return findBuilt((folder) => [join(folder, path), join(folder, 'out', path)], path);
}

function findBuilt(candidates: (folder: string) => readonly string[], what: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = candidates(folder).find((candidate) => existsSync(candidate));
    if (found !== undefined) return found;
    const parent = dirname(folder);
    if (parent === folder) {
      throw new UnravelError('internal', `The build has no entry ${what}.`, {
        hint: 'Build Unravel again.',
        remedy: 'build',
      });
    }
    folder = parent;
  }
}

/**
 * Finds a folder of `resources/`: at the root of a clone, or, in a packaged app, next to the folder that contains
 * the build.
 *
 * @returns undefined if it does not exist
 */
export function resourceFolder(name: string): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'resources', name);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}
