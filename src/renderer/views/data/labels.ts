import type { Column } from '../../../contract/dataset.ts';
import { isYesNo, valueText } from '../../../contract/label-values.ts';
import { spoken } from '../../components/format.ts';

/** A label's values, one a image; NaN where it is not known. */
export interface LabelValues {
  readonly column: Column;
  readonly values: Float32Array;
}

/** A column's name as people read it. */
export function columnTitle({ name }: Column): string {
  return spoken(name);
}

/** A value as people read it: one of the column's words, the column's name for yes, a date, or a number. */
export function valueTitle(column: Column, value: number): string {
  if (!isYesNo(column) || Number.isNaN(value)) return valueText(column, value);
  return value === 1 ? columnTitle(column) : `not ${columnTitle(column)}`;
}

/** What is said of one image: the labels that it has, not those that it lacks. */
export function describeLabels(labels: readonly LabelValues[], index: number): string {
  const words: string[] = [];
  for (const { column, values } of labels) {
    const value = values[index];
    if (value === undefined || Number.isNaN(value)) continue;
    if (isYesNo(column)) {
      if (value === 1) words.push(columnTitle(column));
    } else words.push(`${columnTitle(column)} ${valueTitle(column, value)}`);
  }
  return words.join(', ');
}

/** A value that images may be filtered by, and how many have it. */
export interface ValueCount {
  readonly value: number;
  readonly title: string;
  readonly images: number;
}

/** The values of a column that has few, in their own order, yes before no; those that no image has are left out. */
export function countValues({ column, values }: LabelValues): ValueCount[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .filter(([value]) => !Number.isNaN(value))
    .sort(([a], [b]) => (isYesNo(column) ? b - a : a - b))
    .map(([value, images]) => ({ value, title: valueTitle(column, value), images }));
}

/** The images that have a value, rising. */
export function imagesWith({ values }: LabelValues, wanted: number): Int32Array {
  const indices = new Int32Array(values.length);
  let found = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === wanted) indices[found++] = i;
  return indices.slice(0, found);
}
