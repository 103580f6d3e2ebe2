import { UnravelError } from '../../contract/errors.ts';

/** Maximum size of tables: larger than any list of labels, and small enough for memory and display. */
export const TABLE_LIMITS = {
  columns: 4096,
  rows: 10_000_000,
  /** Rows times columns. */
  cells: 100_000_000,
  /**
   * Characters of one row. Without the limit, a missing line feed or quotation mark would make the whole file one
   * row.
   */
  rowCharacters: 1_000_000,
  /** Characters of a column's name. */
  nameCharacters: 1000,
} as const;

function tooLarge(path: string, what: string, hint: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, { path, hint });
}

function counted(count: number): string {
  return count.toLocaleString('en');
}

/**
 * Checks the names of a table's columns.
 *
 * @throws UnravelError `bad-input` for too many, or one that is too long
 */
export function checkColumns(path: string, names: readonly string[]): void {
  const { columns, nameCharacters } = TABLE_LIMITS;
  if (names.length > columns) {
    throw tooLarge(
      path,
      `it has ${counted(names.length)} columns, and at most ${counted(columns)} are read`,
      'Keep only the columns that label the images.',
    );
  }
  const long = names.findIndex((name) => name.length > nameCharacters);
  if (long < 0) return;
  throw tooLarge(
    path,
    `the name of its column ${counted(long + 1)} has ${counted(names[long]!.length)} characters, and at most ${counted(nameCharacters)} are read`,
    'Begin the table with one line that names its columns.',
  );
}

/**
 * Checks how many rows a table has so far.
 *
 * @throws UnravelError `bad-input`
 */
export function checkRows(path: string, rows: number, columns: number): void {
  const { cells } = TABLE_LIMITS;
  const most = Math.min(TABLE_LIMITS.rows, Math.floor(cells / columns));
  if (rows <= most) return;
  throw tooLarge(
    path,
    `it has more than ${counted(most)} rows, the most that are read of a table of ${counted(columns)} columns`,
    'Split the table, or keep only the columns that label the images.',
  );
}

/** The error for a row that does not end. */
export function rowTooLong(path: string, row: number): UnravelError {
  return tooLarge(
    path,
    `its row ${counted(row)} is longer than ${counted(TABLE_LIMITS.rowCharacters)} characters`,
    'A closing quotation mark or the line feeds may be missing.',
  );
}
