import type { ColumnValues } from './columns.ts';
import type { Dataset } from './dataset.ts';

/** Reads the labels and factors of the given images of a data set. */
export async function readColumns(dataset: Dataset, indices: Uint32Array): Promise<ColumnValues[]> {
  const columns: ColumnValues[] = [];
  for (const column of dataset.info.columns) {
    const all = await dataset.column(column);
    columns.push({ column, values: Float32Array.from(indices, (index) => all[index]!) });
  }
  return columns;
}
