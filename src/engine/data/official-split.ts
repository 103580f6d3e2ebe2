import type { OfficialSplit } from '../../contract/dataset.ts';
import { splitRole, type SplitRole } from '../../contract/split-role.ts';
import type { ColumnValues } from './columns.ts';

/** The part of a split of each image; undefined where none is known. */
export function rolesOf({ column, values }: ColumnValues): (SplitRole | undefined)[] {
  const roles = (column.categories ?? []).map(splitRole);
  return Array.from(values, (value) => (Number.isNaN(value) ? undefined : roles[value]));
}

/**
 * The official split of a data set: the first column whose values are all parts of a split, with images for training and
 * for validation or test. A table's column counts before that of the folders.
 *
 * @param columns - with their names as the data set has them
 */
export function findOfficialSplit(columns: readonly ColumnValues[]): OfficialSplit | undefined {
  const order = [...columns].sort(
    (a, b) => Number(a.column.name === 'split') - Number(b.column.name === 'split'),
  );
  for (const one of order) {
    const { name, categories } = one.column;
    if (!categories || categories.some((word) => splitRole(word) === undefined)) continue;
    const counts = { train: 0, validation: 0, test: 0 };
    let unknown = 0;
    for (const role of rolesOf(one)) {
      if (role === undefined) unknown += 1;
      else counts[role] += 1;
    }
    if (counts.train < 2 || counts.validation + counts.test === 0) continue;
    return { column: name, ...counts, unknown };
  }
  return undefined;
}
