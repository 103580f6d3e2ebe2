import { Readable } from 'node:stream';
import { csvField, textOfCsv, type CsvOptions } from '../../contract/csv-field.ts';
import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readTextFile } from '../../system/read-file.ts';
import { readCsvRows } from './csv-rows.ts';
import { checkColumns, checkRows } from './table-limits.ts';

/** A column of a table. Each row is an index into the distinct texts, so that a row takes four bytes. */
export interface CsvColumn {
  readonly name: string;
  readonly texts: readonly string[];
  /** `[rows]`, indices into `texts`. */
  readonly codes: Int32Array;
}

/** A table with a header line. */
export interface CsvTable {
  readonly rows: number;
  readonly columns: readonly CsvColumn[];
}

/** Collects the texts of a column. */
export class ColumnBuilder {
  readonly #codeOf = new Map<string, number>();
  #codes = new Int32Array(1024);
  #length = 0;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  push(text: string): void {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.#codeOf.size;
      this.#codeOf.set(text, code);
    }
    if (this.#length === this.#codes.length) {
      const grown = new Int32Array(this.#length * 2);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#codes[this.#length++] = code;
  }

  build(): CsvColumn {
    return { name: this.name, texts: [...this.#codeOf.keys()], codes: this.#codes.slice(0, this.#length) };
  }
}

function broken(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    hint: 'Save it as CSV (UTF-8) with one header line and as many values in every row.',
  });
}

/**
 * Reads a table piece by piece. Whether commas, semicolons or tabs separate the values is detected. A byte order
 * mark and empty lines are skipped. Texts are trimmed, and an apostrophe that keeps a spreadsheet from running them
 * is removed. The missing values of a short row are empty. Tables beyond `TABLE_LIMITS` are refused.
 *
 * @param source - the text, in pieces
 * @param path - what to call it in errors
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function parseCsv(source: AsyncIterable<string | Buffer>, path: string): Promise<CsvTable> {
  let columns: ColumnBuilder[] | undefined;
  let rows = 0;
  await readCsvRows(source, path, (cells) => {
    if (columns === undefined) {
      const names = cells.map((text) => textOfCsv(text.replace(/^\uFEFF/, '').trim()));
      if (names.some((name) => name.includes('\0'))) throw broken(path, 'it is not text');
      checkColumns(path, names);
      columns = names.map((name, i) => new ColumnBuilder(name || `column ${i + 1}`));
      return;
    }
    rows += 1;
    checkRows(path, rows, columns.length);
    if (cells.length > columns.length && cells.slice(columns.length).some((text) => text.trim() !== '')) {
      throw broken(path, `row ${rows + 1} has more values than the header has names`);
    }
    columns.forEach((column, i) => column.push(textOfCsv((cells[i] ?? '').trim())));
  });
  if (!columns) throw broken(path, 'it is empty');
  return { rows, columns: columns.map((column) => column.build()) };
}

/** Reads a CSV file; see {@link parseCsv}. */
export async function readCsv(path: string): Promise<CsvTable> {
  return parseCsv(readTextFile(path), path);
}

/** Reads a CSV text; see {@link parseCsv}. */
export async function readCsvText(text: string, path: string): Promise<CsvTable> {
  return parseCsv(Readable.from([text]) as AsyncIterable<string>, path);
}

/**
 * A column's texts as numbers.
 *
 * @returns `[rows]`; NaN where a text is not a number
 */
export function csvNumbers({ texts, codes }: CsvColumn): Float64Array {
  const values = texts.map((text) => (text === '' ? Number.NaN : Number(text)));
  return Float64Array.from(codes, (code) => values[code]!);
}

/**
 * Writes a CSV file atomically: a header line, then one line per row.
 *
 * @param rows - each as long as `header`; numbers are written with all digits, so that reading gives the same
 * number
 */
export async function writeCsv(
  path: string,
  header: readonly string[],
  rows: Iterable<readonly (string | number)[]>,
  options: CsvOptions = {},
): Promise<void> {
  let text = '';
  for (const row of [header, ...rows]) text += `${row.map((value) => csvField(value, options)).join(',')}\n`;
  await writeFileAtomic(path, text);
}
