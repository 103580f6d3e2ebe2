import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** Maximum size of one of a file's pages when decompressed. */
const MOST_PAGE_BYTES = 256 * 2 ** 20;

/** What a column holds: numbers, texts, truth values and dates, lists of numbers, or something else. */
type Kind = 'numbers' | 'values' | 'lists' | 'other';

export interface ParquetColumn {
  readonly name: string;
  readonly kind: Kind;
}

/** A part of a column. */
export interface ParquetChunk {
  readonly name: string;
  /** The row of its first value. */
  readonly from: number;
  readonly values: ArrayLike<unknown>;
}

/** A Parquet file as pandas, polars and Hugging Face write them, read column by column. */
export interface ParquetFile {
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
  /**
   * Reads columns, from the first row to the last.
   *
   * @param most - read only the groups with the first rows
   */
  read(names: readonly string[], take: (chunk: ParquetChunk) => void, most?: number): Promise<void>;
}

/**
 * Reads the header of a Parquet file.
 *
 * @param bytes - the whole file
 * @throws Error where it is damaged; values are read later
 */
export async function openParquet(bytes: Buffer): Promise<ParquetFile> {
  const { parquetMetadata, parquetRead, parquetSchema, snappyUncompress } = await import('hyparquet');
  const { decompressLz4, decompressLz4Raw, decompressZstd } = await import('hyparquet-compressors');
  const checked =
    <T>(decompress: (input: Uint8Array, size: number) => T) =>
    (input: Uint8Array, size: number): T => {
      if (size > MOST_PAGE_BYTES) throw new RangeError('a page is too large');
      return decompress(input, size);
    };
  const limited = (size: number) => ({ maxOutputLength: Math.max(1, size) });
  const compressors = {
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
  };
  const isOwn = bytes.byteOffset === 0 && bytes.length === bytes.buffer.byteLength;
  const file = (
    isOwn ? bytes.buffer : bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  ) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  return {
    rows: Number(metadata.num_rows),
    columns: parquetSchema(metadata).children.map((leaf) => ({
      name: leaf.element.name,
      kind: kindOf(leaf),
    })),
    async read(names, take, most = Infinity) {
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        const rowEnd = rowStart + Number(group.num_rows);
        const chunks: ParquetChunk[] = [];
        await parquetRead({
          ...{ file, metadata, columns: [...names], compressors, rowStart, rowEnd },
          onChunk: ({ columnName, columnData, rowStart: from }) =>
            chunks.push({ name: columnName, from, values: columnData }),
        });
        // Only now: an error that is thrown while the library calls would be lost.
        chunks.sort((a, b) => a.from - b.from).forEach(take);
        rowStart = rowEnd;
        if (rowStart >= most) return;
      }
    },
  };
}

/** A column in the schema, as far as its kind depends on it. */
interface Leaf {
  readonly children: readonly Leaf[];
  readonly element: {
    readonly type?: string;
    readonly converted_type?: string;
    readonly logical_type?: { readonly type: string };
    readonly repetition_type?: string;
  };
}

function kindOf({ children, element }: Leaf): Kind {
  const { type, converted_type: converted, logical_type: logical, repetition_type: repetition } = element;
  if (children.length > 0) {
    const isList = converted === 'LIST' || logical?.type === 'LIST';
    const [item] = children[0]?.children ?? [];
    return isList && item && kindOf(item) === 'numbers' ? 'lists' : 'other';
  }
  if (repetition === 'REPEATED') return 'other';
  if (type === 'BYTE_ARRAY') return converted === 'UTF8' || logical?.type === 'STRING' ? 'values' : 'other';
  if (type === 'FIXED_LEN_BYTE_ARRAY') return converted === 'DECIMAL' ? 'values' : 'other';
  const isPlain = converted === undefined || /^U?INT_/.test(converted);
  const isNumber = type === 'FLOAT' || type === 'DOUBLE' || type === 'INT32' || type === 'INT64';
  return isNumber && isPlain && (logical === undefined || logical.type === 'INTEGER') ? 'numbers' : 'values';
}
