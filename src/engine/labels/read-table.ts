import { readFilePieces } from '../../system/read-file.ts';
import { isParquet, unreadTable, type LabelFile } from './label-file.ts';
import { readParquet } from './parquet.ts';
import { brokenTable, type RawTable } from './raw-table.ts';
import { readTextTable } from './text-table.ts';

/**
 * Reads a table of labels in any supported form: CSV, TSV, lists of words, JSON, JSON Lines or Parquet.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readTable(file: LabelFile): Promise<RawTable> {
  const reason = unreadTable(file.file);
  if (reason !== undefined) throw brokenTable(file.file, reason, 'Save it as CSV.');
  return isParquet(file.file) ? readParquet(file.open(), file.file) : readTextTable(file.open(), file.file);
}

/** The label file at a path that a person has given. */
export function namedLabelFile(path: string): LabelFile {
  return { file: path, place: 'named', open: () => readFilePieces(path) };
}
