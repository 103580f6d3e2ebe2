import type { ColumnValues } from '../../../src/engine/data/columns.ts';
import { prepareTable, type CodeTable } from '../../../src/engine/metrics/code-table.ts';
import type { Metric, Score } from '../../../src/engine/metrics/metric.ts';
import { createRandom, type Random } from '../../../src/engine/basics/random.ts';

/** A factor that images were drawn from, of whole numbers. */
export function factorColumn(name: string, values: ArrayLike<number>): ColumnValues {
  return { column: { name, type: 'continuous', factor: true }, values: Float32Array.from(values) };
}

/** A label with two values. */
export function labelColumn(name: string, values: ArrayLike<number>): ColumnValues {
  return { column: { name, type: 'binary', factor: false }, values: Float32Array.from(values) };
}

/** Every combination of factors of so many values, `repeats` times: a row of values for each image. */
export function fullGrid(sizes: readonly number[], repeats: number): number[][] {
  const combinations = sizes.reduce<number[][]>(
    (rows, size) => rows.flatMap((row) => Array.from({ length: size }, (_, value) => [...row, value])),
    [[]],
  );
  return Array.from({ length: repeats }, () => combinations).flat();
}

/** A table of codes made from factors. */
export function tableOf(
  factors: readonly (readonly number[])[],
  encode: (values: readonly number[], random: Random) => readonly number[],
): CodeTable {
  const random = createRandom(5);
  const rows = factors.map((values) => encode(values, random));
  const latentDim = rows[0]!.length;
  const columns = factors[0]!.map((_, f) =>
    factorColumn(
      `factor ${f}`,
      factors.map((values) => values[f]!),
    ),
  );
  return { codes: Float32Array.from(rows.flat()), count: rows.length, latentDim, columns };
}

/** Measures one metric once. */
export async function measure(
  metric: Metric,
  table: CodeTable,
  seed = 0,
): Promise<Readonly<Record<string, Score>>> {
  const { samples } = prepareTable(table, seed);
  return metric.measure(samples, { random: createRandom(seed), pause: () => Promise.resolve() });
}

/** Measures the metric's only score once. */
export async function valueOf(metric: Metric, table: CodeTable, seed = 0): Promise<number> {
  return Object.values(await measure(metric, table, seed))[0]!.value;
}
