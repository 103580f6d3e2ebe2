import type { Column } from '../../contract/dataset.ts';
import type { CsvColumn } from '../files/csv.ts';
import { parseDates } from '../basics/dates.ts';
import { parseQuantities, type Quantities } from './quantities.ts';
import { orderWords } from './word-order.ts';

/** A column with its value for every row or image; NaN where unknown. */
export interface ColumnValues {
  readonly column: Column;
  readonly values: Float32Array;
}

const MISSING = new Set(['', 'na', 'n/a', '#n/a', '<na>', 'nan', '-nan', 'nat', 'null', 'none', '?', '-']);
/** What a spreadsheet writes where a formula failed: an unknown value. */
const SHEET_ERROR = /^#(?:n\/a|div\/0!|value!|ref!|name\?|num!|null!|spill!|calc!|getting_data)$/i;
/** Infinity as programs write it: an unknown value in a column of numbers. */
const INFINITE = /^[+-]?(?:inf(?:inity)?|1\.#inf)$/i;
/** A whole number as classes are written; pandas writes `1.0` where others of the column are unknown. */
const WHOLE = /^[+-]?\d+(?:\.0*)?$/;
/** Whole numbers beyond this are not all exact in single precision. */
const MOST_EXACT = 2 ** 24;
const TRUE_WORDS = new Set(['true', 'yes', 'y', 't']);
const FALSE_WORDS = new Set(['false', 'no', 'n', 'f']);
/** Integers with at most this many distinct values are categories, not measurements. */
const MAX_INTEGER_CLASSES = 20;
/** A column with more distinct words than this contains remarks or addresses, not labels. */
const MAX_WORDS = 10_000;
/** A column with a longer word contains texts, not labels. */
const MAX_WORD_CHARACTERS = 1000;

function isMissing(text: string): boolean {
  return MISSING.has(text.toLowerCase()) || isSheetError(text);
}

/** True for what a spreadsheet writes where a formula failed, such as `#DIV/0!`. */
export function isSheetError(text: string): boolean {
  return SHEET_ERROR.test(text);
}

/** True for infinity as programs write it. */
export function isInfinite(text: string): boolean {
  return INFINITE.test(text);
}

function fill(codes: Int32Array, valueOf: readonly number[]): Float32Array {
  return Float32Array.from(codes, (code) => valueOf[code]!);
}

/** Maps words for yes and no, such as `TRUE` and `n`, to 1 and 0; undefined if there are other words. */
function truth(texts: readonly string[]): Map<string, number> | undefined {
  const values = new Map<string, number>();
  for (const text of texts) {
    const word = text.toLowerCase();
    if (TRUE_WORDS.has(word)) values.set(text, 1);
    else if (FALSE_WORDS.has(word)) values.set(text, 0);
    else return undefined;
  }
  return values;
}

/** The words for 0 and 1 as the table writes them; undefined for yes and no, and where one of the two is missing. */
function truthWords(truths: ReadonlyMap<string, number>): [string, string] | undefined {
  const [none, one] = [0, 1].map((value) => [...truths].find(([, each]) => each === value)?.[0]);
  if (none === undefined || one === undefined) return undefined;
  return none.toLowerCase() === 'no' && one.toLowerCase() === 'yes' ? undefined : [none, one];
}

/** The distinct numbers, ascending. */
function distinctNumbers(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Whether numbers repeat often enough to be classes instead of measurements. */
function areClasses(distinct: readonly number[], rows: number): boolean {
  return distinct.length <= MAX_INTEGER_CLASSES && distinct.length * 2 <= rows;
}

/**
 * Determines the type of a column of texts:
 *
 * - binary for two integers, two words, or yes and no (the larger is 1, so −1 and 1 become 0 and 1);
 * - continuous with dates for dates, see {@link parseDates};
 * - categorical for more words, for few distinct integers, and for few distinct numbers with one unit;
 * - continuous for other numbers, with or without a unit.
 *
 * Categories keep their words and have an order: numbers by value, words by {@link orderWords}. Empty texts, `NA`,
 * `null` and similar texts are unknown values, and infinity is one among numbers. Whole numbers that single precision would
 * round are categories, with all their digits.
 *
 * @returns undefined if all values are unknown, if nearly every row has different words, or if there are long texts
 */
export function typeColumn(table: CsvColumn): ColumnValues | undefined {
  const { name, texts, codes } = table;
  const used = new Set(codes);
  const known = texts.filter((text, code) => used.has(code) && !isMissing(text));
  if (known.length === 0) return undefined;

  const truths = truth(known);
  if (truths) {
    const words = truthWords(truths);
    const column: Column = { name, type: 'binary', factor: false, ...(words ? { categories: words } : {}) };
    return { column, values: fill(codes, lookUp(texts, truths)) };
  }
  const dates = parseDates(name, known);
  if (dates) {
    const column: Column = { name, type: 'continuous', factor: false, date: dates.date };
    return { column, values: fill(codes, lookUp(texts, dates.values)) };
  }
  const finite = known.filter((text) => !INFINITE.test(text));
  if (finite.length > 0 && finite.every((text) => Number.isFinite(Number(text)))) {
    return finite.some(isRounded) ? typeLongNumbers(table, finite) : typeNumbers(table, finite);
  }
  const quantities = parseQuantities(known);
  return quantities ? typeQuantities(table, known, quantities) : typeWords(table, known);
}

/** True for a whole number, such as an identifier, that single precision does not hold. */
function isRounded(text: string): boolean {
  if (!/^[+-]?\d+$/.test(text)) return false;
  const value = Number(text);
  return Math.abs(value) > MOST_EXACT && (!Number.isSafeInteger(value) || Math.fround(value) !== value);
}

/** Whole numbers as words with all their digits, in the order of their size. */
function typeLongNumbers(
  { name, texts, codes }: CsvColumn,
  known: readonly string[],
): ColumnValues | undefined {
  if (known.length > MAX_WORDS) return undefined;
  const categories = [...known].sort(
    (a, b) => Number(a) - Number(b) || a.length - b.length || (a < b ? -1 : 1),
  );
  const values = new Map(categories.map((text, i) => [text, i]));
  const type = categories.length === 2 ? 'binary' : 'categorical';
  return { column: { name, type, factor: false, categories }, values: fill(codes, lookUp(texts, values)) };
}

/** The numbers as the table writes them; of several spellings, such as `12µM` and `12 µM`, the first. */
function spellings(
  numbers: readonly number[],
  known: readonly string[],
  valueOf: (text: string) => number | undefined,
): string[] {
  return numbers.map((number) => known.find((text) => valueOf(text) === number)!);
}

function typeNumbers({ name, texts, codes }: CsvColumn, known: readonly string[]): ColumnValues {
  const factor = false;
  const distinct = distinctNumbers(known.map(Number));
  const isBinary =
    (distinct.length === 2 && distinct.every(Number.isInteger)) ||
    (distinct.length === 1 && [-1, 0, 1].includes(distinct[0]!));
  if (isBinary) {
    const one = distinct.length === 2 ? distinct[1]! : 1;
    const isPlain = one === 1 && distinct.every((value) => value === 0 || Math.abs(value) === 1);
    const values = new Map(known.map((text) => [text, Number(text) === one ? 1 : 0]));
    const categories = isPlain ? {} : { categories: spellings(distinct, known, Number) };
    return {
      column: { name, type: 'binary', factor, ...categories },
      values: fill(codes, lookUp(texts, values)),
    };
  }
  // Classes are written as whole numbers, and infinity is a measurement.
  const isCounted = known.every((text) => WHOLE.test(text)) && !texts.some((text) => INFINITE.test(text));
  if (!areClasses(distinct, codes.length) || !isCounted) {
    const values = texts.map((text) => (isMissing(text) || INFINITE.test(text) ? Number.NaN : Number(text)));
    return { column: { name, type: 'continuous', factor }, values: fill(codes, values) };
  }
  const values = new Map(known.map((text) => [text, distinct.indexOf(Number(text))]));
  const categories = spellings(distinct, known, Number);
  const column: Column = { name, type: 'categorical', factor, categories };
  return { column, values: fill(codes, lookUp(texts, values)) };
}

function typeQuantities(
  { name, texts, codes }: CsvColumn,
  known: readonly string[],
  { unit, values }: Quantities,
): ColumnValues {
  const distinct = distinctNumbers(values.values());
  if (!areClasses(distinct, codes.length)) {
    const column: Column = { name, type: 'continuous', factor: false, unit };
    return { column, values: fill(codes, lookUp(texts, values)) };
  }
  const categories = spellings(distinct, known, (text) => values.get(text));
  const classes = new Map(known.map((text) => [text, distinct.indexOf(values.get(text)!)]));
  return {
    column: { name, type: distinct.length === 2 ? 'binary' : 'categorical', factor: false, categories },
    values: fill(codes, lookUp(texts, classes)),
  };
}

function typeWords({ name, texts, codes }: CsvColumn, known: readonly string[]): ColumnValues | undefined {
  if (known.some((text) => text.length > MAX_WORD_CHARACTERS)) return undefined;
  if (known.length > MAX_WORDS || (known.length > MAX_INTEGER_CLASSES && known.length * 2 > codes.length)) {
    return undefined;
  }
  const categories = orderWords(texts, codes, known);
  const values = new Map(categories.map((text, i) => [text, i]));
  const type = categories.length === 2 ? 'binary' : 'categorical';
  return { column: { name, type, factor: false, categories }, values: fill(codes, lookUp(texts, values)) };
}

function lookUp(texts: readonly string[], values: ReadonlyMap<string, number>): number[] {
  return texts.map((text) => values.get(text) ?? Number.NaN);
}
