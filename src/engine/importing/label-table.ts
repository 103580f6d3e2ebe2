import type { ColumnValues } from '../data/columns.ts';

/** Labels by image name. */
export interface LabelTable {
  readonly path: string;
  /** The image of each row: a file's name or its path. */
  readonly keys: readonly string[];
  readonly columns: readonly ColumnValues[];
  /** Names of columns that cannot be labels, because they are empty or differ in every row. */
  readonly leftOut: readonly string[];
}
