import { HISTOGRAM_BINS } from './histogram.ts';
import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';
import { topTwo } from './top-two.ts';

/**
 * Mutual information gap (Chen et al. 2018, eq. 6): the mutual information of the best dimension with a factor
 * minus that of the second best, relative to the factor's entropy, averaged over factors. Dimensions are
 * discretised into 20 bins, as in disentanglement_lib.
 */
export const mig: Metric = {
  id: 'mig',
  scores: [scoreInfo('mig')],
  bins: HISTOGRAM_BINS,
  effort: { resamples: 200, shuffles: 5, cost: 1 },
  counts: ({ all }) => ({ rows: all.count }),
  measure({ all: { information } }) {
    const perFactor = Float64Array.from(information.entropies, (entropy, f) => {
      const { largest, second } = topTwo(information, f);
      return entropy > 0 ? (largest - second) / entropy : Number.NaN;
    });
    const matrix = { title: 'Mutual information', unit: 'nats', values: information.values } as const;
    return { mig: { value: meanOfKnown(perFactor), perFactor, matrix } };
  },
};
