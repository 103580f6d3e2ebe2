import type { Numbers, NumberType } from '../files/numbers.ts';
import { rowElements, type LabelMeaning, type StoredArray } from './archive.ts';

/** An array whose numbers are in memory, one for each image. */
export function columnArray(type: NumberType, values: Numbers, label?: LabelMeaning): StoredArray {
  return {
    type,
    shape: [values.length],
    isReversed: false,
    canSeek: true,
    ...(label ? { label } : {}),
    // eslint-disable-next-line @typescript-eslint/require-await -- the numbers are here
    async *rows(from, to) {
      if (from < to) yield values.subarray(from, to);
    },
  };
}

/** A part of an array that is stored in pieces. */
export interface RowsPart {
  /** How many rows it has. */
  readonly count: number;
  rows: StoredArray['rows'];
}

/** Arrays of one type and shape as one, with their rows one after the other. */
export function stackedArray(
  array: Omit<StoredArray, 'shape' | 'rows'> & { readonly row: readonly number[] },
  parts: readonly RowsPart[],
): StoredArray {
  const { row, ...others } = array;
  const shape = [parts.reduce((sum, { count }) => sum + count, 0), ...row];
  return {
    ...others,
    shape,
    async *rows(from, to) {
      if (rowElements({ shape }) === 0) return;
      let first = 0;
      for (const part of parts) {
        const [start, end] = [Math.max(from - first, 0), Math.min(to - first, part.count)];
        if (start < end) yield* part.rows(start, end);
        first += part.count;
      }
    },
  };
}
