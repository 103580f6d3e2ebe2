import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { UnravelError } from '../../contract/errors.ts';
import { ColumnBuilder } from '../files/csv.ts';
import { checkColumns, checkRows } from '../files/table-limits.ts';
import { brokenTable, type RawTable } from './raw-table.ts';

/** Maximum size of a Parquet file of labels, which is read as a whole. */
const MOST_BYTES = 512 * 2 ** 20;
/** Maximum size of one of its pages when decompressed. */
const MOST_PAGE_BYTES = 256 * 2 ** 20;
const HINT = 'Save it as CSV, or as Parquet with the compression zstd, snappy, gzip or none.';

async function bytesOf(source: AsyncIterable<string | Buffer>, file: string): Promise<Buffer> {
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
  const bytes = await bytesOf(source, file);
  const { parquetMetadata, parquetRead, parquetSchema, snappyUncompress } = await import('hyparquet');
  const { decompressLz4, decompressLz4Raw, decompressZstd } = await import('hyparquet-compressors');
  const checked =
    <T>(decompress: (input: Uint8Array, size: number) => T) =>
    (input: Uint8Array, size: number): T => {
      if (size > MOST_PAGE_BYTES) throw new RangeError('a page is too large');
      return decompress(input, size);
    };
  const limited = (size: number) => ({ maxOutputLength: Math.max(1, size) });
  try {
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const metadata = parquetMetadata(buffer);
    const leaves = parquetSchema(metadata).children;
    const plain = leaves.filter(({ children, element }) => {
      const isBytes =
        element.type === 'BYTE_ARRAY' &&
        element.converted_type !== 'UTF8' &&
        element.logical_type?.type !== 'STRING';
      const isFixed = element.type === 'FIXED_LEN_BYTE_ARRAY' && element.converted_type !== 'DECIMAL';
      return children.length === 0 && element.repetition_type !== 'REPEATED' && !isBytes && !isFixed;
    });
    const names = plain.map(({ element }) => element.name);
    const rows = Number(metadata.num_rows);
    checkColumns(file, names);
    checkRows(file, rows, Math.max(1, names.length));
    const builders = new Map(names.map((name) => [name, new ColumnBuilder(name)]));
    if (names.length > 0 && rows > 0) {
      await parquetRead({
        file: buffer,
        metadata,
        columns: names,
        compressors: {
          SNAPPY: checked((input, size) => {
            const output = new Uint8Array(size);
            snappyUncompress(input, output);
            return output;
          }),
          GZIP: checked((input, size) => gunzipSync(input, limited(size))),
          BROTLI: checked((input, size) => brotliDecompressSync(input, limited(size))),
          // Into an array of the stated size: the data may claim another one.
          ZSTD: checked((input, size) => decompressZstd(input, new Uint8Array(size))),
          LZ4: checked(decompressLz4),
          LZ4_RAW: checked(decompressLz4Raw),
        },
        onComplete: (table: unknown[][]) => {
          for (const row of table) names.forEach((name, i) => builders.get(name)!.push(textOf(row[i])));
        },
      });
    }
    const left = leaves.filter((leaf) => !plain.includes(leaf)).map(({ element }) => element.name);
    const columns = [...builders.values()].map((column) => column.build());
    return {
      file,
      columns,
      rows,
      notes:
        left.length === 0
          ? []
          : [`Lists, structures and bytes cannot be labels and were left out: ${left.join(', ')}.`],
    };
  } catch (cause) {
    if (cause instanceof UnravelError) throw cause;
    throw brokenTable(
      file,
      `it is not a Parquet file that can be read (${cause instanceof Error ? cause.message : String(cause)})`,
      HINT,
      cause,
    );
  }
}
