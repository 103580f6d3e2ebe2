import type { DimensionFactorMatrix } from './mutual-information.ts';

/** Added to weights to avoid the logarithm of 0, as in disentanglement_lib. */
const EPSILON = 1e-11;

/** 1 minus the entropy of weights relative to its maximum; 1 for a single weight. */
function concentration(weights: readonly number[]): number {
  if (weights.length < 2) return 1;
  const total = weights.reduce((sum, weight) => sum + weight + EPSILON, 0);
  let entropy = 0;
  for (const weight of weights) {
    const share = (weight + EPSILON) / total;
    entropy -= share * Math.log(share);
  }
  return 1 - entropy / Math.log(weights.length);
}

/** The weighted mean of numbers; 0 if all weights are 0. */
function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return 0;
  return values.reduce((sum, value, i) => sum + (value * weights[i]!) / total, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Disentanglement (Eastwood & Williams 2018, section 2): to what degree each dimension is important for one factor
 * only, averaged with the dimensions' importance as weights.
 *
 * @param importance - importance of each dimension for each factor, not negative
 */
export function disentanglement({ dimensions, factors, values }: DimensionFactorMatrix): number {
  const rows = Array.from({ length: dimensions }, (_, l) => [
    ...values.subarray(l * factors, (l + 1) * factors),
  ]);
  return weightedMean(rows.map(concentration), rows.map(sum));
}

/**
 * Completeness (ibid.): to what degree each factor needs one dimension only, averaged with the factors' importance
 * as weights.
 *
 * @returns the score, and the value of each factor
 */
export function completeness({ dimensions, factors, values }: DimensionFactorMatrix): {
  value: number;
  perFactor: Float64Array;
} {
  const columns = Array.from({ length: factors }, (_, f) =>
    Array.from({ length: dimensions }, (__, l) => values[l * factors + f]!),
  );
  const scores = columns.map((column) => (sum(column) === 0 ? 0 : concentration(column)));
  return { value: weightedMean(scores, columns.map(sum)), perFactor: Float64Array.from(scores) };
}
