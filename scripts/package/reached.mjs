import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFile } from '../setup/remove.mjs';

/** What one built program imports of the others: static imports, re-exports and `import()`. */
const imported = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g;

/**
 * Removes the chunks that no program of a folder reaches: those of programs that were taken out of it.
 *
 * @param {string} programs - a folder whose own .js files are the programs; chunks lie in folders below
 */
export async function removeUnreached(programs) {
  const files = await readdir(programs, { recursive: true });
  const scripts = files.filter((file) => file.endsWith('.js')).map((file) => join(programs, file));
  const entries = scripts.filter((file) => dirname(file) === programs);
  const reached = new Set(entries);
  for (const file of reached) {
    for (const [, path = ''] of (await readFile(file, 'utf8')).matchAll(imported)) {
      reached.add(join(dirname(file), path));
    }
  }
  for (const file of scripts) if (!reached.has(file)) await removeFile(file);
}
