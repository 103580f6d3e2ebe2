import type { ColumnValues } from '../data/columns.ts';
import { cutColumn, HISTOGRAM_BINS } from './histogram.ts';
import { UNKNOWN_CLASS } from './mutual-information.ts';

/** Maximum number of classes of a factor. A column with more contains names or addresses. */
export const MOST_CLASSES = 256;
/** A measurement with at most this many distinct values uses its values as classes; otherwise it is discretised. */
export const MOST_VALUES = 100;
/** Minimum average number of rows per distinct value; with fewer, bins are used. */
export const ROWS_PER_VALUE = 4;

/** A label or factor with its numbers, for regressions, and its classes, for other metrics. */
export interface Factor {
  readonly name: string;
  /** True for a factor the images were generated from, false for a label. */
  readonly isFactor: boolean;
  /** Whether its values have an order: false for more than two categories. */
  readonly isOrdered: boolean;
  /** `[rows]`, NaN where unknown. */
  readonly values: Float32Array;
  /** `[rows]`, each below `size`, or {@link UNKNOWN_CLASS}. */
  readonly classes: Uint16Array;
  readonly size: number;
  /** Whether the classes are bins of a measurement. */
  readonly isCut: boolean;
  /** Number of rows for which it is known. */
  readonly known: number;
}

/** The distinct values in ascending order; stops after `most + 1` values. */
function differentValues(values: Float32Array, most: number): Float32Array {
  const seen = new Set<number>();
  for (const value of values) {
    if (!Number.isNaN(value)) seen.add(value);
    if (seen.size > most) break;
  }
  return Float32Array.from(seen).sort();
}

/**
 * Makes classes from a column's values: the values themselves if they are categories, integers or few; a
 * measurement is discretised into 20 bins of equal width, like codes.
 *
 * @returns the factor, or the reason why the column cannot be scored
 */
export function makeFactor({ column, values }: ColumnValues): Factor | { readonly leftOut: string } {
  const { name, type, factor: isFactor } = column;
  const different = differentValues(values, MOST_CLASSES);
  const known = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  if (different.length < 2) {
    const leftOut = different.length === 0 ? `${name} is unknown for every image` : `${name} is constant`;
    return { leftOut };
  }
  const isWhole = different.every((value) => Number.isInteger(value));
  const areFew = isWhole || (different.length <= MOST_VALUES && different.length * ROWS_PER_VALUE <= known);
  const shared = {
    name,
    isFactor,
    isOrdered: type !== 'categorical' || different.length === 2,
    values,
    known,
  };
  if (different.length <= MOST_CLASSES && (type !== 'continuous' || areFew)) {
    const classOf = new Map(Array.from(different, (value, i) => [value, i]));
    const classes = Uint16Array.from(values, (value) => classOf.get(value) ?? UNKNOWN_CLASS);
    return { ...shared, classes, size: different.length, isCut: false };
  }
  if (type !== 'continuous') return { leftOut: `${name} has more than ${MOST_CLASSES} values` };
  const bins = cutColumn(values, 1, 0);
  const classes = Uint16Array.from(bins, (bin) => (bin < HISTOGRAM_BINS ? bin : UNKNOWN_CLASS));
  return { ...shared, classes, size: HISTOGRAM_BINS, isCut: true };
}

/** The factor for the given rows, in their order. The numbers of classes do not change. */
export function selectFactor(factor: Factor, rows: Uint32Array): Factor {
  const values = new Float32Array(rows.length);
  const classes = new Uint16Array(rows.length);
  let known = 0;
  for (let i = 0; i < rows.length; i++) {
    values[i] = factor.values[rows[i]!]!;
    classes[i] = factor.classes[rows[i]!]!;
    if (classes[i] !== UNKNOWN_CLASS) known += 1;
  }
  return { ...factor, values, classes, known };
}
