import { HISTOGRAM_BINS } from './histogram.ts';
import { scoreInfo, type Metric } from './metric.ts';
import type { DimensionFactorMatrix } from './mutual-information.ts';

/**
 * To what degree each dimension has information about its best factor only (Ridgeway & Mozer 2018, section 3): 1 −
 * Σ_{f ≠ best} m² / (m²_best · (F − 1)), and 0 for a dimension without information.
 *
 * @returns `[dimensions]`
 */
export function modularityPerDimension({ dimensions, factors, values }: DimensionFactorMatrix): Float64Array {
  return Float64Array.from({ length: dimensions }, (_, l) => {
    const squares = values.subarray(l * factors, (l + 1) * factors).map((value) => value * value);
    const best = Math.max(...squares);
    const rest = squares.reduce((sum, value) => sum + value, 0) - best;
    return best === 0 ? 0 : 1 - rest / (best * (factors - 1));
  });
}

/** Modularity: the mean over dimensions of {@link modularityPerDimension}. */
export const modularity: Metric = {
  id: 'modularity',
  scores: [scoreInfo('modularity')],
  bins: HISTOGRAM_BINS,
  effort: { resamples: 200, shuffles: 5, cost: 1 },
  cannotRun: ({ all }) =>
    all.factors.length < 2
      ? `Modularity asks whether a dimension mixes factors, and there is only one: ${all.factors[0]!.name}.`
      : undefined,
  counts: ({ all }) => ({ rows: all.count }),
  measure({ all: { information } }) {
    const scores = modularityPerDimension(information);
    const value = scores.reduce((sum, score) => sum + score / scores.length, 0);
    return {
      modularity: {
        value,
        matrix: { title: 'Mutual information', unit: 'nats', values: information.values },
      },
    };
  },
};
