import { readFilePieces } from '../../system/read-file.ts';
import { isParquet, type LabelFile } from './label-file.ts';
import { readParquet } from './parquet.ts';
import type { RawTable } from './raw-table.ts';
import { readTextTable } from './text-table.ts';

/**
 * Reads a table of labels in any supported form: CSV, TSV, lists of words, JSON Lines or Parquet.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readTable(file: LabelFile): Promise<RawTable> {
  return isParquet(file.file) ? readParquet(file.open(), file.file) : readTextTable(file.open(), file.file);
}

/** The label file at a path that a person has given. */
export function namedLabelFile(path: string): LabelFile {
  return { file: path, place: 'named', open: () => readFilePieces(path) };
}
