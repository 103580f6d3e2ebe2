import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../src/system/remove.ts';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'bench/python/requirements.txt'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The benchmarks run in a clone of the repository only.');
    folder = parent;
  }
  return folder;
}

/** The repository's root. */
export const root = findRoot();

/** Real faces that may lie beside the repository. */
export const sharedData = join(root, '../shared/data');

/** Where results go; git ignores it. */
export const resultsFolder = join(root, 'bench/results');

let scratch: string | undefined;

/** A temporary folder for this process, removed when it ends, except by SIGKILL. */
export function scratchFolder(): string {
  if (scratch !== undefined) return scratch;
  const folder = mkdtempSync(join(tmpdir(), 'unravel-bench-'));
  scratch = folder;
  process.once('beforeExit', () => void removeFolder(folder));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void removeFolder(folder).finally(() => process.exit(130)));
  }
  return folder;
}
