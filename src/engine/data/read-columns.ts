import type { ColumnValues } from './columns.ts';
import type { Dataset } from './dataset.ts';

/** The labels and factors of some images of a data set. */
export async function readColumns(dataset: Dataset, indices: Uint32Array): Promise<ColumnValues[]> {
  const columns: ColumnValues[] = [];
  for (const column of dataset.info.columns) {
    const all = await dataset.column(column);
    columns.push({ column, values: Float32Array.from(indices, (index) => all[index]!) });
  }
  return columns;
}
