import { lstatSync, opendirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { fileAbove } from './write-error.ts';

/**
 * Refuses a workspace that cannot be used: a file, a path below a file, a folder that this user may not open, or one
 * whose own folders are links. A workspace that does not exist yet is accepted; it is made when something is stored.
 *
 * @param root - absolute
 * @throws UnravelError `bad-input`
 */
export function checkWorkspace(root: string): void {
  const refuse = (sentence: string, hint: string, cause?: unknown): UnravelError =>
    new UnravelError('bad-input', sentence, { path: root, hint, cause });
  const file = fileAbove(root);
  if (file !== undefined) {
    throw refuse(
      `The workspace ${root} cannot be made: ${file} is a file, not a folder.`,
      'Name another workspace.',
    );
  }
  try {
    const status = statSync(root, { throwIfNoEntry: false });
    if (status === undefined) return;
    if (status.isDirectory()) opendirSync(root).closeSync();
    else throw refuse(`The workspace ${root} is not a folder.`, 'Name a folder as the workspace.');
  } catch (cause) {
    if (cause instanceof UnravelError) throw cause;
    throw refuse(
      `The workspace ${root} cannot be opened: this user may not read it.`,
      'Name another workspace, or ask the owner of this one.',
      cause,
    );
  }
  for (const name of ['datasets', 'runs']) {
    const path = join(root, name);
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) continue;
    throw refuse(
      `The workspace ${root} cannot be used, because ${path} is a link.`,
      'Unravel reads and writes only inside the workspace. Remove the link, or move the whole workspace to its target.',
    );
  }
}
