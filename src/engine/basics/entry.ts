import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnravelError } from '../../contract/errors.ts';

/**
 * Finds a file of the build that is started on its own (a worker).
 *
 * The bundler puts shared code into `out/main/chunks`, entries into `out/main`; run from source, as the unit
 * tests do, the entries are those of the last build.
 *
 * @param name - the entry's name in `electron.vite.config.ts`
 * @returns the absolute path of the built entry
 */
export function builtEntry(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    for (const candidate of [join(folder, `${name}.js`), join(folder, 'out/main', `${name}.js`)]) {
      if (existsSync(candidate)) return candidate;
    }
    const parent = dirname(folder);
    if (parent === folder) {
      throw new UnravelError('internal', `The build has no entry ${name}.`, {
        hint: 'Build Unravel again.',
        remedy: 'build',
      });
    }
    folder = parent;
  }
}

/**
 * Finds a folder of `resources/`, which lies beside the build: in a clone at its root, in a packaged app beside the
 * folder that holds the build.
 *
 * @returns undefined where there is none
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
