import type { Column } from '../../contract/dataset.ts';
import type { CsvColumn } from '../files/csv.ts';

/** A column with its value for every row or image; NaN where unknown. */
export interface ColumnValues {
  readonly column: Column;
  readonly values: Float32Array;
}

const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-']);
const TRUE_WORDS = new Set(['true', 'yes', 'y', 't']);
const FALSE_WORDS = new Set(['false', 'no', 'n', 'f']);
/** Integers with at most this many distinct values are categories, not measurements. */
const MAX_INTEGER_CLASSES = 20;
/** A column with more distinct words than this contains remarks or addresses, not labels. */
const MAX_WORDS = 10_000;
/** A column with a longer word contains texts, not labels. */
const MAX_WORD_CHARACTERS = 1000;

function isMissing(text: string): boolean {
  return MISSING.has(text.toLowerCase());
}

function fill(codes: Int32Array, valueOf: readonly number[]): Float32Array {
  return Float32Array.from(codes, (code) => valueOf[code]!);
}

/** Maps words for yes and no to 1 and 0; undefined if there are other words. */
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

/** Sorts categories: numbers by value, words by code units. */
function inOrder(texts: readonly string[], numeric: boolean): string[] {
  return [...texts].sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
}

/**
 * Determines the type of a column of texts: binary for two integers, two words, or yes and no (the larger is 1, so
 * −1 and 1 become 0 and 1), categorical for more words and for few distinct integers, continuous for other numbers.
 * Empty texts, `NA`, `null` and similar texts are unknown values.
 *
 * @returns undefined if all values are unknown, if nearly every row has different words, or if there are long texts
 */
export function typeColumn({ name, texts, codes }: CsvColumn): ColumnValues | undefined {
  const used = new Set(codes);
  const known = texts.filter((text, code) => used.has(code) && !isMissing(text));
  if (known.length === 0) return undefined;
  const numeric = known.every((text) => Number.isFinite(Number(text)));
  const factor = false;

  const truths = truth(known);
  if (truths) {
    return { column: { name, type: 'binary', factor }, values: fill(codes, lookUp(texts, truths)) };
  }
  if (numeric) {
    const distinct = [...new Set(known.map(Number))].sort((a, b) => a - b);
    const isBinary =
      (distinct.length === 2 && distinct.every(Number.isInteger)) ||
      (distinct.length === 1 && [-1, 0, 1].includes(distinct[0]!));
    if (isBinary) {
      const one = distinct.length === 2 ? distinct[1]! : 1;
      const isPlain = one === 1 && distinct.every((value) => value === 0 || Math.abs(value) === 1);
      const values = new Map(known.map((text) => [text, Number(text) === one ? 1 : 0]));
      const categories = isPlain ? {} : { categories: distinct.map(String) };
      return {
        column: { name, type: 'binary', factor, ...categories },
        values: fill(codes, lookUp(texts, values)),
      };
    }
    const classes = distinct.length <= MAX_INTEGER_CLASSES && distinct.length * 2 <= codes.length;
    if (!classes || !distinct.every(Number.isInteger)) {
      const values = texts.map((text) => (isMissing(text) ? Number.NaN : Number(text)));
      return { column: { name, type: 'continuous', factor }, values: fill(codes, values) };
    }
    const values = new Map(known.map((text) => [text, distinct.indexOf(Number(text))]));
    const column: Column = { name, type: 'categorical', factor, categories: distinct.map(String) };
    return { column, values: fill(codes, lookUp(texts, values)) };
  }
  if (known.some((text) => text.length > MAX_WORD_CHARACTERS)) return undefined;
  if (known.length > MAX_WORDS || (known.length > MAX_INTEGER_CLASSES && known.length * 2 > codes.length)) {
    return undefined;
  }
  const categories = inOrder(known, false);
  const values = new Map(categories.map((text, i) => [text, i]));
  const type = categories.length === 2 ? 'binary' : 'categorical';
  return { column: { name, type, factor, categories }, values: fill(codes, lookUp(texts, values)) };
}

function lookUp(texts: readonly string[], values: ReadonlyMap<string, number>): number[] {
  return texts.map((text) => values.get(text) ?? Number.NaN);
}

/**
 * The folders of imported files as a label. Folders that all files share, such as a single `img_align_celeba`,
 * carry no information and are left out; deeper ones are named by their path below the shared folder.
 *
 * @param names - paths with `/`
 * @returns undefined unless there are at least two different folders
 */
export function folderColumn(names: readonly string[]): ColumnValues | undefined {
  const folders = names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/'))));
  if (folders.length === 0) return undefined;
  let shared = folders[0]!.split('/');
  for (const folder of new Set(folders)) {
    const parts = folder.split('/');
    let same = 0;
    while (same < shared.length && same < parts.length && shared[same] === parts[same]) same += 1;
    shared = shared.slice(0, same);
  }
  const skip = shared.length === 0 ? 0 : shared.join('/').length + 1;
  const labels = folders.map((folder) => folder.slice(skip));
  const categories = [...new Set(labels)].filter((label) => label !== '').sort((a, b) => (a < b ? -1 : 1));
  if (categories.length < 2) return undefined;
  const indexOf = new Map(categories.map((label, i) => [label, i]));
  return {
    column: { name: 'folder', type: 'categorical', categories, factor: false },
    // Files outside the labelled folders have no label.
    values: Float32Array.from(labels, (label) => indexOf.get(label) ?? Number.NaN),
  };
}
