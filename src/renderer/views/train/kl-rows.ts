import type { EpochMetric } from '../../../contract/operations/runs.ts';

/** One dimension's KL at every epoch. */
export interface KlRow {
  readonly dimension: number;
  /** By epoch, from the first on; NaN where it was not measured. */
  readonly values: readonly number[];
  /** At the last epoch. */
  readonly current: number;
}

/** KL of every dimension by epoch, the one that carries most now first. */
export function klRows(epochs: readonly EpochMetric[]): KlRow[] {
  const last = epochs.at(-1);
  if (!last) return [];
  return last.heldOut.klPerDimension
    .map((current, dimension) => {
      const values = new Array<number>(last.epoch).fill(Number.NaN);
      for (const { epoch, heldOut } of epochs)
        values[epoch - 1] = heldOut.klPerDimension[dimension] ?? Number.NaN;
      return { dimension, values, current };
    })
    .sort((a, b) => b.current - a.current);
}

/** The largest KL of all, that the scale ends at; a little more than nothing, so that nothing looks like nothing. */
export function largestKl(rows: readonly KlRow[]): number {
  let most = 0.1;
  for (const { values } of rows) for (const value of values) if (value > most) most = value;
  return most;
}
