import { classifyByLine, fitLine } from './linear-svm.ts';
import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';
import { UNKNOWN_CLASS } from './mutual-information.ts';
import type { Sample } from './sample.ts';
import { topTwo } from './top-two.ts';

/** C of disentanglement_lib's classifiers. */
const COST = 0.01;

function column({ codes, latentDim, count }: Sample, dimension: number): Float64Array {
  return Float64Array.from({ length: count }, (_, row) => codes[row * latentDim + dimension]!);
}

/** The accuracy of a classifier by one dimension on the known rows. */
function accuracy(train: Sample, test: Sample, dimension: number, factor: number): number {
  const { classes, size } = train.factors[factor]!;
  const line = fitLine(column(train, dimension), classes, size, COST);
  const truth = test.factors[factor]!;
  let right = 0;
  for (let row = 0; row < test.count; row++) {
    const known = truth.classes[row]!;
    if (known === UNKNOWN_CLASS) continue;
    if (classifyByLine(line, test.codes[row * test.latentDim + dimension]!) === known) right += 1;
  }
  return truth.known === 0 ? Number.NaN : right / truth.known;
}

/**
 * Separated attribute predictability for discrete factors (Kumar et al. 2018, section 3): the test accuracy of a
 * linear support vector machine on the best single dimension minus that on the second best, averaged over factors.
 */
export const sapDiscrete: Metric = {
  id: 'sapDiscrete',
  scores: [scoreInfo('sapDiscrete')],
  bins: null,
  effort: { resamples: 20, shuffles: 1, cost: 20 },
  counts: ({ train, test }) => ({ train: train.count, test: test.count }),
  async measure({ train, test }, { pause }) {
    const { latentDim, factors } = train;
    const values = new Float64Array(latentDim * factors.length);
    for (let l = 0; l < latentDim; l++) {
      for (let f = 0; f < factors.length; f++) {
        values[l * factors.length + f] = accuracy(train, test, l, f);
        await pause();
      }
    }
    const matrix = { dimensions: latentDim, factors: factors.length, values };
    const perFactor = Float64Array.from(factors, (_, f) => {
      const { largest, second } = topTwo(matrix, f);
      return largest - second;
    });
    return {
      sapDiscrete: {
        value: meanOfKnown(perFactor),
        perFactor,
        matrix: { title: 'Accuracy of one dimension', unit: 'share', values },
      },
    };
  },
};
