import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';
import type { DimensionFactorMatrix } from './mutual-information.ts';
import type { Sample } from './sample.ts';
import { topTwo } from './top-two.ts';

/** A dimension or factor with a smaller variance is treated as constant, as in disentanglement_lib. */
const SMALLEST_VARIANCE = 1e-12;

/**
 * The squared correlation of every dimension with a factor, over the rows for which the factor is known;
 * `[latentDim]`.
 */
function squaredCorrelations(sample: Sample, values: Float32Array): Float64Array {
  const { codes, latentDim, count, weights } = sample;
  const [sums, squares, products] = [0, 1, 2].map(() => new Float64Array(latentDim)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  // Differences from one of the rows avoid rounding errors for numbers far from zero.
  const first = values.findIndex((value) => !Number.isNaN(value));
  let [n, sum, square] = [0, 0, 0];
  for (let row = Math.max(0, first); row < count; row++) {
    const weight = weights ? weights[row]! : 1;
    const value = values[row]! - values[first]!;
    if (weight === 0 || Number.isNaN(value)) continue;
    n += weight;
    sum += weight * value;
    square += weight * value * value;
    for (let l = 0, at = row * latentDim, base = first * latentDim; l < latentDim; l++, at++, base++) {
      const code = codes[at]! - codes[base]!;
      sums[l]! += weight * code;
      squares[l]! += weight * code * code;
      products[l]! += weight * code * value;
    }
  }
  const smallest = SMALLEST_VARIANCE * (n - 1);
  const ofValue = square - (sum * sum) / n;
  return products.map((product, l) => {
    const ofCode = squares[l]! - sums[l]! ** 2 / n;
    const both = product - (sums[l]! * sum) / n;
    return n < 2 || ofCode <= smallest || ofValue <= smallest ? 0 : (both * both) / (ofCode * ofValue);
  });
}

/** R² of every dimension as the only predictor of every factor; NaN for a factor without an order. */
function scoreMatrix(sample: Sample): DimensionFactorMatrix {
  const { latentDim, factors } = sample;
  const values = new Float64Array(latentDim * factors.length);
  factors.forEach((factor, f) => {
    const scores = factor.isOrdered ? squaredCorrelations(sample, factor.values) : undefined;
    for (let l = 0; l < latentDim; l++) values[l * factors.length + f] = scores?.[l] ?? Number.NaN;
  });
  return { dimensions: latentDim, factors: factors.length, values };
}

/**
 * Separated attribute predictability for continuous factors (Kumar et al. 2018, section 3): the squared correlation
 * of the best dimension with a factor minus that of the second best, averaged over factors.
 */
export const sapContinuous: Metric = {
  id: 'sapContinuous',
  scores: [scoreInfo('sapContinuous')],
  bins: null,
  effort: { resamples: 100, shuffles: 5, cost: 2 },
  cannotRun: ({ all }) =>
    all.factors.some(({ isOrdered }) => isOrdered)
      ? undefined
      : 'The continuous SAP needs a factor whose values have an order, and here all are categories.',
  notes({ all }) {
    const names = all.factors.filter(({ isOrdered }) => !isOrdered).map(({ name }) => name);
    return names.length ? [`Left out, because its values have no order: ${names.join(', ')}.`] : [];
  },
  counts: ({ all }) => ({ rows: all.count }),
  measure({ all }) {
    const matrix = scoreMatrix(all);
    const perFactor = Float64Array.from(all.factors, ({ isOrdered }, f) => {
      if (!isOrdered) return Number.NaN;
      const { largest, second } = topTwo(matrix, f);
      return largest - second;
    });
    const values = matrix.values.map((value) => (Number.isNaN(value) ? 0 : value));
    return {
      sapContinuous: {
        value: meanOfKnown(perFactor),
        perFactor,
        matrix: { title: 'Squared correlation', unit: 'share', values },
      },
    };
  },
};
