import type { Column, SkippedFile } from '../../../contract/dataset.ts';
import { UnravelError } from '../../../contract/errors.ts';
import {
  authorShape,
  readElements,
  transposed,
  type ArrayArchive,
  type Elements,
  type LabelMeaning,
  type StoredArray,
} from '../../arrays/archive.ts';
import { float32Text } from '../../basics/float32-text.ts';
import { typeColumn, type ColumnValues } from '../../data/columns.ts';
import { NUMBER_BYTES, type Numbers, type NumberType } from '../../files/numbers.ts';
import { TABLE_LIMITS } from '../../files/table-limits.ts';
import { gridValues, knownFactors, knownGrid, type KnownFactor } from './known-sets.ts';
import { splitNames, type ArrayImages } from './layout.ts';

/** The labels and factors of an archive's images. */
export interface ArrayColumns {
  readonly columns: readonly ColumnValues[];
  /** Arrays, and columns of arrays, that cannot be labels, with the reasons. */
  readonly leftOut: readonly SkippedFile[];
  /** What was recognised, in sentences. */
  readonly notes: readonly string[];
}

/** Integers with at most this many distinct values are categories. */
const MAX_CLASSES = 20;
/** A column with more distinct values than this is never one of categories. */
const MAX_CATEGORIES = 10_000;
/** Integers up to this size are exact in float32. */
const MOST_EXACT = 2 ** 24;
const FACTOR_TABLE = /(^|[_/])(latents?|factors?)([_/]|$)/i;

type Values = ArrayLike<number | bigint>;

/** Maximum size of a table of labels in bytes, which is kept in memory. */
const MOST_TABLE_BYTES = 256 * 2 ** 20;

/** A column, or the reason why there is none. */
type Outcome = ColumnValues | string;

/** Whether whole numbers would be rounded in float32. */
function isRounded(value: number | bigint): boolean {
  if (typeof value === 'bigint') return BigInt(Math.fround(Number(value))) !== value;
  return Number.isInteger(value) && Math.abs(value) > MOST_EXACT && Math.fround(value) !== value;
}

function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value) || Number.isNaN(value);
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A column whose categories are the values as texts. */
function categoryColumn(
  name: string,
  values: Values,
  distinct: readonly (number | bigint)[],
  factor: boolean,
): ColumnValues {
  const sorted = [...distinct].sort(compare);
  const codes = new Map(sorted.map((value, code) => [value, code]));
  return {
    column: { name, type: 'categorical', categories: sorted.map(String), factor },
    values: Float32Array.from({ length: values.length }, (_, i) => codes.get(values[i]!) ?? Number.NaN),
  };
}

/** The distinct values, NaN left out; undefined if there are too many for categories. */
function distinctOf(values: Values): (number | bigint)[] | undefined {
  const distinct = new Set<number | bigint>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === value) distinct.add(value);
    if (distinct.size > MAX_CATEGORIES) return undefined;
  }
  return [...distinct];
}

/** Converts numbers to a column. */
function numberColumn(name: string, type: NumberType, values: Values, factor: boolean): Outcome {
  const distinct = distinctOf(values);
  if (distinct?.length === 0) return 'all its values are unknown (NaN)';
  let rounded = false;
  let whole = true;
  for (let i = 0; i < values.length && whole; i++) {
    const value = values[i]!;
    whole = isWhole(value);
    rounded ||= isRounded(value);
  }
  if (whole && rounded) {
    // Rounded, different identities would become the same.
    const areClasses = distinct && (distinct.length <= MAX_CLASSES || distinct.length * 2 <= values.length);
    if (areClasses) return categoryColumn(name, values, distinct, factor);
    return 'its whole numbers are too large to be exact as measurements, and too many differ to be categories';
  }
  const continuous = (): ColumnValues => ({
    column: { name, type: 'continuous', factor },
    values: Float32Array.from({ length: values.length }, (_, i) => {
      const value = Number(values[i]!);
      return Number.isFinite(value) ? value : Number.NaN;
    }),
  });
  if (!distinct) return continuous();
  if (factor) {
    const areClasses = distinct.length <= MAX_CLASSES && distinct.every(isWhole);
    return areClasses ? categoryColumn(name, values, distinct, true) : continuous();
  }
  const finite = distinct.filter((value) => typeof value === 'bigint' || Number.isFinite(value));
  const codeOf = new Map(finite.map((value, code) => [value, code]));
  const write = (value: number | bigint): string =>
    typeof value === 'number' && type !== 'float64' ? float32Text(value) : String(value);
  const typed = typeColumn({
    name,
    texts: [...finite.map(write), ''],
    codes: Int32Array.from({ length: values.length }, (_, i) => codeOf.get(values[i]!) ?? finite.length),
  });
  return typed ?? 'all its values are unknown';
}

/** Converts texts to a column. */
function textColumn(name: string, texts: readonly string[]): Outcome {
  const distinct = [...new Set(texts)];
  const codeOf = new Map(distinct.map((text, code) => [text, code]));
  const codes = Int32Array.from(texts, (text) => codeOf.get(text)!);
  return (
    typeColumn({ name, texts: distinct, codes }) ??
    'its texts are empty, too long, or nearly all different, so they are no labels'
  );
}

/** The size of an element, an estimate for texts. */
function bytesOf({ type }: StoredArray): number {
  return type === 'text' ? 32 : NUMBER_BYTES[type];
}

/** Whether all values are those of an attribute that an image has or has not. */
function areAttributes(values: Values): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value !== 0 && Math.abs(value) !== 1) return false;
  }
  return true;
}

function isConstant(values: Values): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

/** Converts a known factor's values to a column. */
function knownColumn({ name, categories }: KnownFactor, type: NumberType, values: Values): Outcome {
  const made = numberColumn(name, type, values, true);
  if (typeof made === 'string' || !categories || !made.column.categories) return made;
  const names = made.column.categories.map((number) => categories[Number(number)] ?? number);
  return { column: { ...made.column, categories: names }, values: made.values };
}

/** Converts numbers whose meaning their format tells to a column. */
function meantColumn(name: string, type: NumberType, values: Values, meaning: LabelMeaning): Outcome {
  const { categories, isFactor } = meaning;
  if (!categories) return numberColumn(name, type, values, isFactor);
  return {
    column: { name, type: 'categorical', categories: [...categories], factor: isFactor },
    values: Float32Array.from({ length: values.length }, (_, i) => {
      const code = Number(values[i]!);
      return code in categories ? code : Number.NaN;
    }),
  };
}

/** The class of each row of a table with exactly one 1 among zeros; undefined for any other table. */
function oneHotClasses(columns: readonly Values[]): Float32Array | undefined {
  const rows = columns[0]!.length;
  const classes = new Float32Array(rows).fill(-1);
  for (const [code, values] of columns.entries()) {
    for (let row = 0; row < rows; row++) {
      const value = Number(values[row]);
      if (value === 0) continue;
      if (value !== 1 || classes[row] !== -1) return undefined;
      classes[row] = code;
    }
  }
  return classes.includes(-1) ? undefined : classes;
}

/** A label array, or the parts of one that follows an official split. */
interface LabelArray {
  readonly name: string;
  /** The name of its columns. */
  readonly title: string;
  readonly parts: readonly StoredArray[];
}

/** The name of a label without the word for a part: of `y_train` it is `y`. */
function withoutSplit(name: string, split: string): string {
  const title = name
    .replace(new RegExp(`(^|[^a-z])${split}(?=[^a-z]|$)`, 'i'), '$1')
    .replace(/[_/-]{2,}/g, '_')
    .replace(/^[_/-]+|[_/-]+$/g, '');
  return title || 'labels';
}

/** Groups the arrays of the parts of a split; other arrays stay by themselves. */
function labelArrays({ arrays }: ArrayArchive, images: ArrayImages): LabelArray[] {
  const taken = new Set(images.parts.map(({ array }) => array));
  const groups: LabelArray[] = [];
  for (const [name, array] of arrays) {
    if (taken.has(name)) continue;
    const split = images.parts.length > 1 ? splitNames(name, (other) => arrays.has(other)) : [];
    const wanted = images.parts.map((part) => split.find((one) => one.split === part.split)?.name);
    const isWhole = images.parts.length > 1 && wanted.every((one) => one !== undefined);
    if (isWhole) {
      for (const one of wanted) taken.add(one);
      const title = withoutSplit(wanted[0]!, images.parts[0]!.split);
      groups.push({ name, title, parts: wanted.map((one) => arrays.get(one)!) });
    } else {
      taken.add(name);
      groups.push({ name, title: name, parts: [array] });
    }
  }
  return groups;
}

/** The shape of a label array: a single row of N is N labels, as MATLAB stores them. */
function labelShape(array: StoredArray, images: number): readonly number[] {
  const shape = authorShape(array);
  return shape.length === 2 && shape[0] === 1 && images > 1 ? shape.slice(1) : shape;
}

/** The shape of a label array, of all parts of one together. */
function joinedShape(parts: readonly StoredArray[], images: number): readonly number[] {
  const shapes = parts.map((part) => labelShape(part, images));
  const rows = shapes.reduce((sum, shape) => sum + (shape[0] ?? 0), 0);
  return shapes[0]!.length === 0 ? [] : [rows, ...shapes[0]!.slice(1)];
}

/** The elements of each part of a table, row by row. */
async function rowsOf(parts: readonly StoredArray[], images: number): Promise<Elements[]> {
  const pieces: Elements[] = [];
  for (const part of parts) {
    const elements = await readElements(part);
    const [rows = 0, columns = 1] = labelShape(part, images);
    pieces.push(part.isReversed && columns > 1 ? transposed(elements, columns, rows) : elements);
  }
  return pieces;
}

/** The texts of one column of a table. */
function textsOf(pieces: readonly Elements[], width: number, column: number): string[] {
  return pieces.flatMap((piece) => (piece as readonly string[]).filter((_, at) => at % width === column));
}

/** The numbers of one column of a table. */
function numbersOf(pieces: readonly Elements[], width: number, column: number): Numbers {
  const length = pieces.reduce((sum, piece) => sum + Math.floor(piece.length / width), 0);
  const values = new (pieces[0]!.constructor as new (length: number) => Uint8Array)(length);
  let row = 0;
  for (const piece of pieces) {
    for (let at = column; at < piece.length; at += width) values[row++] = (piece as Uint8Array)[at]!;
  }
  return values as Numbers;
}

/** Why an array could not be read, without the beginning that names the file. */
function readReason(error: unknown, path: string): string {
  if (!(error instanceof UnravelError) || error.code !== 'bad-input') throw error;
  const { message } = error;
  const beginning = `Could not read ${path}`;
  const rest = message.startsWith(beginning) ? message.slice(beginning.length) : message;
  return rest.replace(/^[^:]*: /, '').replace(/\.$/, '');
}

/** Reads the labels and factors of an archive's images. */
export async function readArrayColumns(archive: ArrayArchive, images: ArrayImages): Promise<ArrayColumns> {
  const columns: ColumnValues[] = [];
  const leftOut: SkippedFile[] = [...archive.refused];
  const notes: string[] = [...(archive.notes ?? [])];
  const leave = (file: string, reason: string): void => void leftOut.push({ file, reason });
  const keep = (name: string, outcome: Outcome): void => {
    if (typeof outcome === 'string') leave(name, outcome);
    else if (columns.length >= TABLE_LIMITS.columns) leave(name, 'there are too many columns');
    else columns.push(outcome);
  };
  let factorsFrom: string | undefined;

  async function addTable(name: string, title: string, parts: readonly StoredArray[], width: number) {
    let pieces: Elements[];
    try {
      pieces = await rowsOf(parts, images.images);
    } catch (error) {
      // The images and the other labels are as good as they were.
      leave(name, readReason(error, archive.path));
      return;
    }
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) !== images.images * width) {
      leave(name, 'its values could not be read');
      return;
    }
    const { type } = parts[0]!;
    const each = Array.from({ length: width }, (_, i) => i);
    if (type === 'text') {
      for (const i of each) {
        keep(name, textColumn(width === 1 ? title : `${title} ${i + 1}`, textsOf(pieces, width, i)));
      }
      return;
    }
    const table = each.map((i) => numbersOf(pieces, width, i));
    const meaning = parts[0]!.label;
    if (width === 1 && meaning) {
      keep(name, meantColumn(title, type, table[0]!, meaning));
      return;
    }
    const isFactor = FACTOR_TABLE.test(name);
    if (width === 1 && !isFactor) {
      keep(name, numberColumn(title, type, table[0]!, false));
      return;
    }
    const known = knownFactors(images, name, table);
    if (known) notes.push(`The values of “${name}” are ${known.title}’s, so its factors are named.`);
    const classes = isFactor || known ? undefined : oneHotClasses(table);
    if (classes) {
      const categories = each.map(String);
      keep(name, {
        column: { name: title, type: 'categorical', categories, factor: false },
        values: classes,
      });
      notes.push(`Each row of “${name}” has a single 1, so it became one column of ${width} categories.`);
      return;
    }
    if (isFactor) factorsFrom = name;
    const areFactors = isFactor || known !== undefined || !table.every(areAttributes);
    const called = isFactor ? (/factor/i.test(name) ? 'factor' : 'latent') : title;
    table.forEach((values, i) => {
      const factor = known?.factors[i];
      const own = factor?.name ?? `${called} ${i + 1}`;
      const from = `${name}, ${own}`;
      if (isConstant(values)) leave(from, `it is the same for every image (${String(values[0])})`);
      else
        keep(from, factor ? knownColumn(factor, type, values) : numberColumn(own, type, values, areFactors));
    });
  }

  const groups = labelArrays(archive, images);
  // The values say more than the classes, which are their positions.
  groups.sort((a, b) => Number(/latents_values/.test(b.name)) - Number(/latents_values/.test(a.name)));
  for (const { name, title, parts } of groups) {
    const shape = joinedShape(parts, images.images);
    const [rows, width = 1] = shape;
    if (shape.length === 0 || rows !== images.images) {
      const what = shape.length === 0 ? 'it is a single value' : `it is [${shape.join(', ')}]`;
      leave(name, `${what}, and there are ${images.images.toLocaleString('en')} images`);
    } else if (shape.length > 2) {
      leave(name, `it is [${shape.join(', ')}], and labels are [N] or [N, columns]`);
    } else if (width > TABLE_LIMITS.columns) {
      leave(
        name,
        `it has ${width.toLocaleString('en')} columns, and at most ${TABLE_LIMITS.columns.toLocaleString('en')} are read`,
      );
    } else if (rows * width * bytesOf(parts[0]!) > MOST_TABLE_BYTES) {
      leave(name, `it takes more than ${MOST_TABLE_BYTES / 2 ** 20} MB`);
    } else if (name === 'latents_classes' && factorsFrom === 'latents_values') {
      leave(name, 'its classes are those of the values in “latents_values”');
    } else {
      await addTable(name, title, parts, width);
    }
  }
  columns.push(...gridColumns(archive, images, notes));
  const split = splitColumn(images);
  if (split) {
    columns.push(split);
    notes.push(
      `The images of ${images.parts.map(({ array }) => `“${array}”`).join(' and ')} were imported together.`,
    );
  }
  return { columns, leftOut, notes };
}

/** The factors of a data set whose images stand in the order of a grid. */
function gridColumns(archive: ArrayArchive, images: ArrayImages, notes: string[]): ColumnValues[] {
  const known = knownGrid(images, archive.arrays.size);
  const grid = known ?? { factors: images.grid };
  if (known)
    notes.push(`The images are as many as ${known.title}’s, so its factors are named by their positions.`);
  return grid.factors.map(({ name, size, categories }, i): ColumnValues => {
    const isCategorical = categories !== undefined || size <= MAX_CLASSES;
    const column: Column = isCategorical
      ? {
          name,
          type: 'categorical',
          categories: categories ? [...categories] : Array.from({ length: size }, (_, v) => String(v)),
          factor: true,
        }
      : { name, type: 'continuous', factor: true };
    return { column, values: gridValues(grid, i) };
  });
}

/** The part of an official split that each image belongs to. */
function splitColumn({ parts, images }: ArrayImages): ColumnValues | undefined {
  if (parts.length < 2) return undefined;
  const values = new Float32Array(images);
  let first = 0;
  parts.forEach((part, code) => {
    values.fill(code, first, first + part.images);
    first += part.images;
  });
  const categories = parts.map(({ split }) => split);
  return {
    column: {
      name: 'split',
      type: categories.length === 2 ? 'binary' : 'categorical',
      categories,
      factor: false,
    },
    values,
  };
}
