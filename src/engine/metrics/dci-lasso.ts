import { completeness, disentanglement } from './dci.ts';
import type { Factor } from './factor.ts';
import { knownRows, type KnownRows } from './known-rows.ts';
import { applyScale, fitLasso, standardise } from './lasso.ts';
import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';

/** Minimum part of the variance that a regression must explain; otherwise its weights are not counted. */
const LEAST_EXPLAINED = 0.01;

/** The targets of the regressions: a factor's numbers, or for categories one indicator for each. */
function targetsOf({ isOrdered, size }: Factor, { values, classes }: KnownRows): Float64Array[] {
  if (isOrdered) return [Float64Array.from(values)];
  return Array.from({ length: size }, (_, known) =>
    Float64Array.from(classes, (one) => (one === known ? 1 : 0)),
  );
}

/**
 * Fits one factor: the absolute weight of every dimension, and the part of the variance that is explained on
 * `test`.
 */
function learnFactor(
  factor: Factor,
  latentDim: number,
  train: KnownRows,
  test: KnownRows,
): { weights: Float64Array; explained: number } {
  const scale = standardise(train.table, latentDim);
  const [x, xTest] = [applyScale(scale, train.table), applyScale(scale, test.table)];
  const weights = new Float64Array(latentDim);
  const testTargets = targetsOf(factor, test);
  let [error, variance] = [0, 0];
  targetsOf(factor, train).forEach((target, t) => {
    const own = standardise(target, 1);
    const deviation = own.scale[0]!;
    if (deviation === 0) return;
    const fitted = fitLasso(x, latentDim, applyScale(own, target));
    // Weights of standardised numbers are comparable; those of categories are multiplied by the indicator's
    // deviation.
    fitted.forEach((weight, l) => (weights[l]! += Math.abs(weight) * (factor.isOrdered ? 1 : deviation)));
    const truth = testTargets[t]!;
    const mean = truth.reduce((sum, value) => sum + value / truth.length, 0);
    truth.forEach((value, row) => {
      let predicted = 0;
      for (let l = 0; l < latentDim; l++) predicted += fitted[l]! * xTest[row * latentDim + l]!;
      error += (value - own.mean[0]! - deviation * predicted) ** 2;
      variance += (value - mean) ** 2;
    });
  });
  const explained = variance === 0 ? Number.NaN : Math.max(0, 1 - error / variance);
  return { weights: explained < LEAST_EXPLAINED ? weights.fill(0) : weights, explained };
}

/**
 * DCI in its original form (Eastwood & Williams 2018, section 2): importance is the absolute weight of a lasso on
 * standardised codes and factors; informativeness is the part of the variance that it explains on test images.
 */
export const dciLasso: Metric = {
  id: 'dciLasso',
  scores: [
    scoreInfo('dciLassoDisentanglement'),
    scoreInfo('dciLassoCompleteness'),
    scoreInfo('dciLassoInformativeness'),
  ],
  bins: null,
  effort: { resamples: 20, shuffles: 1, cost: 6 },
  counts: ({ train, test }) => ({ train: train.count, test: test.count }),
  async measure({ train, test }, { pause }) {
    const { latentDim, factors } = train;
    const values = new Float64Array(latentDim * factors.length);
    const explained = new Float64Array(factors.length);
    for (const [f, factor] of factors.entries()) {
      const learned = learnFactor(factor, latentDim, knownRows(train, f), knownRows(test, f));
      learned.weights.forEach((weight, l) => (values[l * factors.length + f] = weight));
      explained[f] = learned.explained;
      await pause();
    }
    const importance = { dimensions: latentDim, factors: factors.length, values };
    const matrix = { title: 'Size of the weight', unit: 'weight', values } as const;
    return {
      dciLassoDisentanglement: { value: disentanglement(importance), matrix },
      dciLassoCompleteness: { ...completeness(importance), matrix },
      dciLassoInformativeness: { value: meanOfKnown(explained), perFactor: explained, matrix },
    };
  },
};
