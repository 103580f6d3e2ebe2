import { UnravelError } from '../../contract/errors.ts';
import { ColumnBuilder, type CsvColumn } from '../files/csv.ts';
import { openParquet, type ParquetColumn, type ParquetFile } from '../files/parquet-file.ts';
import { checkColumns, checkRows } from '../files/table-limits.ts';
import { brokenTable, type RawTable } from './raw-table.ts';

/** Maximum size of a Parquet file of labels, which is read as a whole. */
const MOST_BYTES = 512 * 2 ** 20;
const HINT = 'Save it as CSV, or as Parquet with the compression zstd, snappy, gzip or none.';

/** The bytes of a Parquet file, which is read as a whole. */
export async function parquetBytes(source: AsyncIterable<string | Buffer>, file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    if (typeof piece === 'string') throw brokenTable(file, 'it is text, not Parquet', HINT);
    length += piece.length;
    if (length > MOST_BYTES) throw brokenTable(file, `it is larger than ${MOST_BYTES / 2 ** 20} MB`, HINT);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, '');
  if (typeof value === 'string') return value.trim();
  const isPlain = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isPlain ? String(value) : '';
}

/**
 * Reads a Parquet file as pandas, polars and Hugging Face write them. Columns of lists, structures and bytes are left out.
 *
 * @throws UnravelError `bad-input`
 */
export async function readParquet(source: AsyncIterable<string | Buffer>, file: string): Promise<RawTable> {
  const bytes = await parquetBytes(source, file);
  return orBroken(file, async () => tableOfParquet(await openParquet(bytes), file));
}

/** Turns errors about the contents into one about the file. */
export async function orBroken<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof UnravelError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw brokenTable(file, `it is not a Parquet file that can be read (${reason})`, HINT, cause);
  }
}

/**
 * The texts and numbers of a Parquet file as a table.
 *
 * @param without - columns that are not read, and not said to be left out
 * @throws UnravelError `bad-input`
 */
export async function tableOfParquet(
  parquet: ParquetFile,
  file: string,
  without: ReadonlySet<string> = new Set(),
): Promise<RawTable> {
  const { rows } = parquet;
  const wanted = parquet.columns.filter(({ name }) => !without.has(name));
  const isPlain = ({ kind }: ParquetColumn): boolean => kind === 'numbers' || kind === 'values';
  const names = wanted.filter(isPlain).map(({ name }) => name);
  checkColumns(file, names);
  checkRows(file, rows, Math.max(1, names.length));
  const columns: CsvColumn[] = [];
  for (const name of rows > 0 ? names : []) {
    const builder = new ColumnBuilder(name);
    await parquet.read([name], ({ values }) => {
      for (let i = 0; i < values.length; i++) builder.push(textOf(values[i]));
    });
    columns.push(builder.build());
  }
  const left = wanted.filter((column) => !isPlain(column)).map(({ name }) => name);
  return {
    file,
    columns: rows > 0 ? columns : names.map((name) => new ColumnBuilder(name).build()),
    rows,
    notes:
      left.length === 0
        ? []
        : [`Lists, structures and bytes cannot be labels and were left out: ${left.join(', ')}.`],
  };
}
