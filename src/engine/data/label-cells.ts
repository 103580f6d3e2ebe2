import type { CsvValue } from '../../contract/csv-field.ts';
import type { Column } from '../../contract/dataset.ts';
import { dateText, withUnit } from '../../contract/label-values.ts';
import { float32Text } from '../basics/float32-text.ts';
import type { Dataset } from './dataset.ts';

/** A label or factor as a column of a table. */
export interface LabelCells {
  readonly name: string;
  /** An image's cell, by the image's number. */
  readonly at: (image: number) => CsvValue;
}

/**
 * A label as a table has it, in full precision: a category's word, a date, a number with its unit, or nothing where it is
 * unknown. An import of the table reads the same label again.
 */
export function labelCell({ type, categories, date, unit }: Column, value: number): CsvValue {
  if (Number.isNaN(value)) return null;
  if (type !== 'continuous') return categories?.[value] ?? value;
  if (date) return dateText(date, value);
  return withUnit(float32Text(value), unit);
}

/** The labels and factors of a data set as columns of a table. */
export async function readLabelCells(dataset: Dataset): Promise<readonly LabelCells[]> {
  const cells: LabelCells[] = [];
  for (const column of dataset.info.columns) {
    const values = await dataset.column(column);
    cells.push({ name: column.name, at: (image) => labelCell(column, values[image]!) });
  }
  return cells;
}
