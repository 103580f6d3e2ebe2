import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessKind } from '../host/process.ts';

/** The folders and files of the build. */
export interface Folders {
  /** The built renderer. */
  readonly pages: string;
  readonly preload: string;
  /** The programs of the engine and of jobs. */
  readonly entries: Readonly<Record<ProcessKind, string>>;
}

/**
 * Finds the parts of the build, starting from the folder of the main program.
 *
 * @param main - the folder of main's built file: `out/main`
 */
export function findFolders(main: string): Folders {
  const out = dirname(main);
  const programs = unpacked(main);
  return {
    pages: join(out, 'renderer'),
    preload: join(out, 'preload', 'index.cjs'),
    entries: { engine: join(programs, 'engine.js'), job: join(programs, 'job.js') },
  };
}

/** The unpacked copy of a folder of `app.asar`, if there is one: native modules and worker threads need real files. */
function unpacked(folder: string): string {
  const beside = folder.replace(/\.asar(?=[\\/]|$)/, '.asar.unpacked');
  return existsSync(beside) ? beside : folder;
}
