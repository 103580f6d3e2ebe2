import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UnravelError } from '../contract/errors.ts';

/** The nearest existing parent of a path. */
export function existingParent(path: string): { path: string; isFolder: boolean } {
  const parent = dirname(path);
  const status = statSync(parent, { throwIfNoEntry: false });
  if (status) return { path: parent, isFolder: status.isDirectory() };
  return parent === path ? { path, isFolder: true } : existingParent(parent);
}

/** The file that has the path of a parent folder, so that nothing can be made below it; undefined if none. */
export function fileAbove(path: string): string | undefined {
  try {
    const parent = existingParent(path);
    return parent.isFolder ? undefined : parent.path;
  } catch (error) {
    // ENOTDIR means that one of the parents above is a file.
    const isBelowFile = error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
    return isBelowFile ? fileAbove(dirname(path)) : undefined;
  }
}

/**
 * Turns a system error about a change on disk into one with a clear message, where the person can fix its cause.
 *
 * @param verb - the operation on `path` that failed
 */
export function explainWriteError(
  path: string,
  cause: unknown,
  verb: 'write' | 'remove' | 'restore' = 'write',
): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const could = `Could not ${verb} ${path}`;
  const refused = (reason: string, hint: string): UnravelError =>
    new UnravelError('bad-input', `${could}: ${reason}.`, { path, cause, hint });
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new UnravelError('disk-full', `${could}: the disk is full.`, {
        path,
        cause,
        hint: 'Free some space and try again; no existing file was changed.',
      });
    case 'EROFS':
      return refused('the disk is read-only', 'Choose a folder on a disk that can be written to.');
    case 'EACCES':
    case 'EPERM':
      return verb === 'write'
        ? refused('writing there is not allowed', 'Choose a folder that you may write to.')
        : refused('this is not allowed', 'Ask the owner of the folder.');
    case 'ENAMETOOLONG':
      return refused('the name is too long', 'Choose a shorter name.');
    case 'EISDIR':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENOTEMPTY': {
      const file = fileAbove(path);
      return file === undefined
        ? refused('something else has this name', 'Choose another name.')
        : refused(`${file} is a file, not a folder`, 'Choose another place.');
    }
    default:
      return cause;
  }
}
