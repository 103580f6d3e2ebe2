import { codeInformation, concentrationOfLargest, informationMatrix, informationNotes } from './infomec.ts';
import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';

/**
 * InfoC, compactness (Hsu et al. 2023, section 4): the share of the information about a factor that its best dimension
 * has, (maxₗ NMIₗₖ / Σₗ NMIₗₖ − 1/L) / (1 − 1/L) with L active dimensions, averaged over factors.
 */
export const infoC: Metric = {
  id: 'infoC',
  scores: [scoreInfo('infoC')],
  bins: null,
  effort: { resamples: 20, shuffles: 3, cost: 20 },
  notes: ({ train }) => informationNotes(train),
  counts: ({ train }) => ({ rows: train.count }),
  measure({ train }) {
    const information = codeInformation(train);
    const { normalised, active } = information;
    const { factors, values } = normalised;
    const perFactor = Float64Array.from({ length: factors }, (_, f) =>
      active.some(Boolean)
        ? concentrationOfLargest(
            active.flatMap((isActive, l) => (isActive ? [values[l * factors + f]!] : [])),
          )
        : 0,
    );
    return { infoC: { value: meanOfKnown(perFactor), perFactor, matrix: informationMatrix(information) } };
  },
};
