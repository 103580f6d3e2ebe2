import { UnravelError } from '../../contract/errors.ts';
import { textOfCsv } from '../../contract/csv-field.ts';
import { hasPictureExtension } from './image-index.ts';
import { ColumnBuilder, type CsvColumn } from '../files/csv.ts';
import { checkColumns, checkRows } from '../files/table-limits.ts';

/** A table as it was read, before it is known which column names the images. */
export interface RawTable {
  /** Its path for display. */
  readonly file: string;
  readonly columns: readonly CsvColumn[];
  readonly rows: number;
  /**
   * The first row, which is the header or, if the table has none, a row of values; undefined where the format names its
   * columns itself.
   */
  readonly first?: readonly string[];
  /** What was recognised, in whole sentences without a subject's name: “Its values are separated by semicolons.” */
  readonly notes: readonly string[];
  /** What separates the values; undefined where the format has none. */
  readonly delimiter?: string;
}

/** The error for a list that cannot be read. */
export function brokenTable(file: string, what: string, hint: string, cause?: unknown): UnravelError {
  return new UnravelError('bad-input', `Could not read ${file}: ${what}.`, { path: file, hint, cause });
}

/** How rows of another length than the header are treated. */
export interface RowRule {
  /** True for lists of words, where a short row was cut off. In CSV a short row lacks its last values. */
  readonly isStrict: boolean;
}

/** Collects the rows of a text table. */
export class TableBuilder {
  readonly #file: string;
  readonly #rule: RowRule;
  #first: string[] | undefined;
  #columns: ColumnBuilder[] | undefined;
  #rows = 0;
  /** A number alone in the first line, which may be the count of rows. */
  #count: string | undefined;
  readonly #titles: string[] = [];

  constructor(file: string, rule: RowRule) {
    this.#file = file;
    this.#rule = rule;
  }

  /**
   * @param line - the number of the row's line, for messages
   */
  take(cells: readonly string[], line: number): void {
    const texts = cells.map((text) => textOfCsv(text.trim()));
    if (
      this.#first === undefined &&
      this.#count === undefined &&
      texts.length === 1 &&
      /^\d+$/.test(texts[0]!)
    ) {
      this.#count = texts[0];
      return;
    }
    if (this.#first === undefined) {
      if (this.#count !== undefined && texts.length === 1) this.#begin([this.#count], line);
      else {
        this.#begin(texts, line);
        return;
      }
    }
    if (this.#isTitle(this.#first!, texts)) {
      this.#titles.push(this.#first![0]!);
      this.#begin(texts, line);
      return;
    }
    this.#row(texts, line);
  }

  /** What was recognised, in sentences. */
  get notes(): string[] {
    const titles = this.#titles.map((title) => `“${title.slice(0, 80)}”`).join(', ');
    if (titles === '') return [];
    return [
      this.#titles.length === 1
        ? `The row ${titles} above its header is a title and was left out.`
        : `The rows ${titles} above its header are titles and were left out.`,
    ];
  }

  /** True for a first row that has a text in its first cell only, above a row that is no image's. */
  #isTitle(first: readonly string[], next: readonly string[]): boolean {
    if (this.#rule.isStrict || this.#rows > 0 || first[0] === '') return false;
    if (first.some((text, i) => i > 0 && text !== '') || next.some(hasPictureExtension)) return false;
    const filled = next.findLastIndex((text) => text !== '') + 1;
    // A header may lack the name of the first column, and a list may have one column only.
    return first.length > 1 || filled > first.length + 1;
  }

  build(): Pick<RawTable, 'columns' | 'rows' | 'first'> {
    if (this.#first === undefined && this.#count !== undefined) this.#begin([this.#count], 1);
    const first = this.#first;
    if (!first) {
      throw brokenTable(this.#file, 'it is empty', 'Put the table with its rows in its place.');
    }
    const columns = this.#columns ?? first.map(() => new ColumnBuilder(''));
    const built = columns.map((column, i) => ({ ...column.build(), name: first[i]! }));
    return { columns: built, rows: this.#rows, first };
  }

  #begin(texts: readonly string[], line: number): void {
    if (texts.some((text) => text.includes('\0'))) {
      throw brokenTable(this.#file, `line ${line} is not text`, 'Save it as CSV (UTF-8).');
    }
    checkColumns(this.#file, texts);
    this.#first = [...texts];
  }

  #row(texts: readonly string[], line: number): void {
    const filled = texts.findLastIndex((text) => text !== '') + 1;
    if (this.#columns === undefined) {
      // CelebA's lists, and tables written by R, have no title above the names.
      if (filled === this.#first!.length + 1) this.#first = ['', ...this.#first!];
      this.#columns = this.#first!.map(() => new ColumnBuilder(''));
    }
    const columns = this.#columns;
    if (filled > columns.length || (this.#rule.isStrict && texts.length < columns.length)) {
      const hint = 'Download or save the list again.';
      const what = this.#rule.isStrict
        ? `line ${line} has ${texts.length - 1} values, not ${columns.length - 1}`
        : `row ${this.#rows + 2} has more values than the header has names`;
      throw brokenTable(this.#file, what, hint);
    }
    this.#rows += 1;
    checkRows(this.#file, this.#rows, columns.length);
    columns.forEach((column, i) => column.push(texts[i] ?? ''));
  }
}
