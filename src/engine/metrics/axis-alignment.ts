import { HISTOGRAM_BINS } from './histogram.ts';
import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';

/**
 * Axis alignment: for each factor, the information of its best dimension minus the sum of all others, at least 0,
 * relative to that of the best one: max(0, I₁ − Σ_{j > 1} Iⱼ) / I₁. This is `aam` in Dubois's disentangling-vae. It
 * is stricter than MIG, which compares with the second best only.
 *
 * Because it sums over all dimensions, only information beyond chance is counted; otherwise thirty dimensions of
 * noise would reduce any score to 0.
 */
export const axisAlignment: Metric = {
  id: 'axisAlignment',
  scores: [scoreInfo('axisAlignment')],
  bins: HISTOGRAM_BINS,
  effort: { resamples: 200, shuffles: 5, cost: 1 },
  counts: ({ all }) => ({ rows: all.count }),
  measure({ all: { information } }) {
    const { dimensions, factors, beyondChance, entropies } = information;
    const perFactor = Float64Array.from(entropies, (entropy, f) => {
      if (entropy === 0) return Number.NaN;
      let [largest, sum] = [0, 0];
      for (let l = 0; l < dimensions; l++) {
        const value = beyondChance[l * factors + f]!;
        largest = Math.max(largest, value);
        sum += value;
      }
      return largest === 0 ? 0 : Math.max(0, 2 * largest - sum) / largest;
    });
    const matrix = { title: 'Mutual information beyond chance', unit: 'nats', values: beyondChance } as const;
    return { axisAlignment: { value: meanOfKnown(perFactor), perFactor, matrix } };
  },
};
