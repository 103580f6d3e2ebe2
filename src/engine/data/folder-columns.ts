import { splitRole, type SplitRole } from '../../contract/split-role.ts';
import { sortWords } from './word-order.ts';
import type { ColumnValues } from './columns.ts';

const ROLES: readonly SplitRole[] = ['train', 'validation', 'test'];

/** The folders of each file, without those that all files share, such as a single `img_align_celeba`. */
function foldersBelowShared(names: readonly string[]): string[][] {
  const folders = names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/'))));
  let shared = folders[0]!.split('/');
  for (const folder of new Set(folders)) {
    const parts = folder.split('/');
    let same = 0;
    while (same < shared.length && same < parts.length && shared[same] === parts[same]) same += 1;
    shared = shared.slice(0, same);
  }
  const skip = shared.length === 0 || shared[0] === '' ? 0 : shared.length;
  return folders.map((folder) => (folder === '' ? [] : folder.split('/').slice(skip)));
}

function categorical(
  name: string,
  labels: readonly string[],
  categories: string[],
): ColumnValues | undefined {
  if (categories.length < 2) return undefined;
  const indexOf = new Map(categories.map((label, i) => [label, i]));
  return {
    column: { name, type: 'categorical', categories, factor: false },
    // Files outside the labelled folders have no label.
    values: Float32Array.from(labels, (label) => indexOf.get(label) ?? Number.NaN),
  };
}

/** The depth at which every file that is in a folder is in one of a split, and training is one of them. */
function splitDepth(folders: readonly (readonly string[])[]): number | undefined {
  const deep = folders.filter(({ length }) => length > 0);
  const most = Math.min(...deep.map(({ length }) => length));
  for (let depth = 0; depth < most && deep.length > 0; depth++) {
    const roles = new Set(deep.map((parts) => splitRole(parts[depth]!)));
    if (!roles.has(undefined) && roles.has('train') && roles.size > 1) return depth;
  }
  return undefined;
}

/**
 * The folders of imported files as labels. Folders `train`, `val` and `test`, in any usual spelling, become the column
 * `split`, and the folders in them or around them the column `folder`, so that `train/cat` and `test/cat` are one class.
 *
 * @param names - paths with `/`
 * @returns no column unless there are at least two different folders
 */
export function folderColumns(names: readonly string[]): ColumnValues[] {
  if (names.length === 0) return [];
  const folders = foldersBelowShared(names);
  const depth = splitDepth(folders);
  const classes = folders.map((parts) => parts.filter((_, i) => i !== depth).join('/'));
  const folder = categorical(
    'folder',
    classes,
    sortWords([...new Set(classes)].filter((label) => label !== '')),
  );
  if (depth === undefined) return folder ? [folder] : [];
  const roles = folders.map((parts) => (parts.length === 0 ? '' : splitRole(parts[depth]!)!));
  const split = categorical(
    'split',
    roles,
    ROLES.filter((role) => roles.includes(role)),
  );
  return [split, folder].filter((column) => column !== undefined);
}
