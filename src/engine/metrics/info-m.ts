import { codeInformation, concentrationOfLargest, informationMatrix, informationNotes } from './infomec.ts';
import { scoreInfo, type Metric } from './metric.ts';

/**
 * InfoM, modularity (Hsu et al. 2023, section 4): the share of a dimension's information that is about its best factor,
 * (maxₖ NMIₗₖ / Σₖ NMIₗₖ − 1/K) / (1 − 1/K), averaged over active dimensions. Information is normalised by the factor's
 * entropy and measured on up to 5,000 images.
 *
 * An active dimension without information about any factor counts as 0, where the authors' code gives no number.
 */
export const infoM: Metric = {
  id: 'infoM',
  scores: [scoreInfo('infoM')],
  bins: null,
  effort: { resamples: 20, shuffles: 3, cost: 20 },
  cannotRun: ({ train }) =>
    train.factors.length < 2
      ? `InfoM asks whether a dimension mixes factors, and there is only one: ${train.factors[0]!.name}.`
      : undefined,
  notes: ({ train }) => informationNotes(train),
  counts: ({ train }) => ({ rows: train.count }),
  measure({ train }) {
    const information = codeInformation(train);
    const { normalised, active } = information;
    const { factors, values } = normalised;
    const shares = active.flatMap((isActive, l) =>
      isActive ? [concentrationOfLargest([...values.subarray(l * factors, (l + 1) * factors)])] : [],
    );
    const value = shares.reduce((sum, share) => sum + share / shares.length, 0);
    return { infoM: { value, matrix: informationMatrix(information) } };
  },
};
