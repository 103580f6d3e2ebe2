import type { ColumnValues } from '../data/columns.ts';
import { cutColumn, HISTOGRAM_BINS } from './histogram.ts';
import { UNKNOWN_CLASS } from './mutual-information.ts';

/** More classes than this are names or addresses, not a factor; and nothing could be learned of so many. */
export const MOST_CLASSES = 256;
/** A measurement of at most this many different values is taken by its values, else it is cut into bins. */
const MOST_VALUES = 100;
/** So many rows for each different value must there be on average, or bins are the better classes. */
const ROWS_PER_VALUE = 4;

/** A label or factor, ready to be scored: numbers for regressions, classes for all else. */
export interface Factor {
  readonly name: string;
  /** True for a factor the images were drawn from, false for a label somebody gave them. */
  readonly isFactor: boolean;
  /** Whether its numbers mean something: false for names of more than two kinds. */
  readonly isOrdered: boolean;
  /** `[rows]`, NaN where it is not known. */
  readonly values: Float32Array;
  /** `[rows]`, each below `size`, or {@link UNKNOWN_CLASS}. */
  readonly classes: Uint16Array;
  readonly size: number;
  /** Whether the classes are bins of a measurement rather than its values. */
  readonly isCut: boolean;
  /** Rows it is known of. */
  readonly known: number;
}

/** The different values, rising; stops looking after `most + 1`. */
function differentValues(values: Float32Array, most: number): Float32Array {
  const seen = new Set<number>();
  for (const value of values) {
    if (!Number.isNaN(value)) seen.add(value);
    if (seen.size > most) break;
  }
  return Float32Array.from(seen).sort();
}

/**
 * Makes classes of a column's values: the values themselves where they are kinds, whole numbers or few; a
 * measurement is cut into 20 bins of equal width, as codes are.
 *
 * @returns the factor; a reason, in words, where the column cannot be scored
 */
export function makeFactor({ column, values }: ColumnValues): Factor | { readonly leftOut: string } {
  const { name, type, factor: isFactor } = column;
  const different = differentValues(values, MOST_CLASSES);
  const known = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  if (different.length < 2) {
    const leftOut = different.length === 0 ? `${name} is not known of any image` : `${name} never changes`;
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

/** The factor of some rows, in the order given. Classes keep their numbers. */
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
