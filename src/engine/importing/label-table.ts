import type { ColumnValues } from '../data/columns.ts';

/** Labels by image name. */
export interface LabelTable {
  readonly path: string;
  /** What each row names: a file's name or its path. */
  readonly keys: readonly string[];
  readonly columns: readonly ColumnValues[];
  /** Names of columns that are no labels: empty, or different in every row. */
  readonly leftOut: readonly string[];
}
