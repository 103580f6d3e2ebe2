import { parse } from 'lossless-json';
import { UnravelError } from '../../contract/errors.ts';
import { ColumnBuilder } from '../files/csv.ts';
import { checkColumns, checkRows } from '../files/table-limits.ts';
import { readLines } from '../files/text-lines.ts';
import { brokenTable, type RawTable } from './raw-table.ts';

type Cells = Map<string, string>;

/** Maximum number of characters of a list of records, which is read as a whole. */
const MOST_CHARACTERS = 256 * 2 ** 20;
const LINES_HINT = 'Put one JSON object into each line.';
const LIST_HINT = 'Write a list of records, one for each image, or save it as CSV.';

/** The values of an object as texts; objects inside it are named by their path: `pose.yaw`. Lists are left out. */
function collect(value: object, prefix: string, into: Cells, lists: Set<string>): void {
  for (const [key, inner] of Object.entries(value) as [string, object | string | number | boolean | null][]) {
    const name = prefix + key;
    if (inner === null) into.set(name, '');
    else if (Array.isArray(inner)) lists.add(name);
    else if (typeof inner === 'object') {
      if (prefix === '') collect(inner, `${name}.`, into, lists);
      else lists.add(name);
    } else into.set(name, String(inner).trim());
  }
}

/** A JSON text, whose long whole numbers become texts with all their digits. */
function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return parse(text, undefined, (number) => (/^-?\d{16,}$/.test(number) ? number : Number(number)));
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Collects records, which need not all have the same keys. */
class RecordBuilder {
  readonly #file: string;
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #lists = new Set<string>();
  #rows = 0;

  constructor(file: string) {
    this.#file = file;
  }

  take(record: object): void {
    const cells: Cells = new Map();
    collect(record, '', cells, this.#lists);
    for (const name of cells.keys()) {
      if (this.#columns.has(name)) continue;
      const column = new ColumnBuilder(name);
      for (let i = 0; i < this.#rows; i++) column.push('');
      this.#columns.set(name, column);
      checkColumns(this.#file, [...this.#columns.keys()]);
    }
    this.#rows += 1;
    checkRows(this.#file, this.#rows, Math.max(1, this.#columns.size));
    for (const [name, column] of this.#columns) column.push(cells.get(name) ?? '');
  }

  build(hint: string): Pick<RawTable, 'columns' | 'rows' | 'notes'> {
    if (this.#rows === 0) throw brokenTable(this.#file, 'it is empty', hint);
    return {
      columns: [...this.#columns.values()].map((column) => column.build()),
      rows: this.#rows,
      notes:
        this.#lists.size === 0
          ? []
          : [`Lists cannot be labels and were left out: ${[...this.#lists].slice(0, 8).join(', ')}.`],
    };
  }
}

/**
 * Reads JSON Lines: an object in each line, such as the `metadata.jsonl` of Hugging Face's image folders.
 *
 * @throws UnravelError `bad-input`
 */
export async function readJsonLines(
  text: AsyncIterable<string>,
  file: string,
): Promise<Pick<RawTable, 'columns' | 'rows' | 'notes'>> {
  const builder = new RecordBuilder(file);
  let line = 0;
  for await (const lines of readLines(text, file)) {
    for (const one of lines) {
      line += 1;
      if (one.trim() === '') continue;
      let value: unknown;
      try {
        value = parseJson(one);
      } catch (cause) {
        throw brokenTable(file, `line ${line} is not a JSON object`, LINES_HINT, cause);
      }
      if (!isRecord(value)) throw brokenTable(file, `line ${line} is not a JSON object`, LINES_HINT);
      builder.take(value);
    }
  }
  return builder.build(LINES_HINT);
}

/** What a JSON object is that is no list of records. */
function objectReason(value: object): string {
  const names = Object.keys(value).slice(0, 4);
  const isCoco = Array.isArray((value as { images?: unknown }).images) && 'annotations' in value;
  return isCoco
    ? 'it holds annotations in COCO’s format, which are not one record for each image; write a list of such records, or a CSV'
    : `it is one JSON object${names.length > 0 ? ` (${names.map((name) => `“${name.slice(0, 40)}”`).join(', ')})` : ''}, not a list of records with one for each image`;
}

/**
 * Reads a JSON file: a list of records, or JSON Lines. An object of another form is refused.
 *
 * @throws UnravelError `bad-input`
 */
export async function readJson(
  text: AsyncIterable<string>,
  file: string,
): Promise<Pick<RawTable, 'columns' | 'rows' | 'notes'>> {
  let all = '';
  for await (const piece of text) {
    all += piece;
    if (all.length > MOST_CHARACTERS) {
      throw brokenTable(file, `it is larger than ${MOST_CHARACTERS / 2 ** 20} MB`, 'Save it as CSV.');
    }
  }
  let value: unknown;
  try {
    value = parseJson(all);
  } catch (cause) {
    if (/^\s*\{/.test(all)) {
      try {
        return await readJsonLines(piecesOf(all), file);
      } catch (error) {
        if (!(error instanceof UnravelError)) throw error;
      }
    }
    throw brokenTable(file, 'it is not valid JSON', LIST_HINT, cause);
  }
  // A program's settings, for example, whose numbers may be names of images by chance.
  if (isRecord(value)) throw brokenTable(file, objectReason(value), LIST_HINT);
  const records = value as unknown[];
  if (!Array.isArray(value) || !records.every(isRecord)) {
    throw brokenTable(file, 'it is not a list of records with one for each image', LIST_HINT);
  }
  const builder = new RecordBuilder(file);
  for (const record of records) builder.take(record);
  return builder.build(LIST_HINT);
}

// eslint-disable-next-line @typescript-eslint/require-await -- readers of text take pieces that arrive
async function* piecesOf(text: string): AsyncGenerator<string> {
  yield text;
}
