/** `node:fs` with what Node 12 lacks of it: an answer for what is not there, where no exception is wanted. */
import { lstatSync as lstat, statSync as stat, type Stats } from 'fs';

export {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  opendirSync,
  openSync,
  promises,
  readSync,
  rmdirSync,
  unlinkSync,
} from 'fs';

interface Options {
  readonly throwIfNoEntry?: boolean;
}

function orNothing(ask: (path: string) => Stats, path: string, options: Options): Stats | undefined {
  try {
    return ask(path);
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));
    if (isMissing && options.throwIfNoEntry === false) return undefined;
    throw error;
  }
}

export function lstatSync(path: string, options: Options = {}): Stats | undefined {
  return orNothing((there) => lstat(there), path, options);
}

export function statSync(path: string, options: Options = {}): Stats | undefined {
  return orNothing((there) => stat(there), path, options);
}
