import type { DimensionFactorMatrix } from './mutual-information.ts';

/** Keeps the logarithm of nothing away, as disentanglement_lib does. */
const NEXT_TO_NOTHING = 1e-11;

/** 1 less the entropy of some weights, as a part of the most it could be; 0 for a single weight's group. */
function concentration(weights: readonly number[]): number {
  if (weights.length < 2) return 1;
  const total = weights.reduce((sum, weight) => sum + weight + NEXT_TO_NOTHING, 0);
  let entropy = 0;
  for (const weight of weights) {
    const share = (weight + NEXT_TO_NOTHING) / total;
    entropy -= share * Math.log(share);
  }
  return 1 - entropy / Math.log(weights.length);
}

/** A mean of some numbers by their weights; 0 where there is no weight at all. */
function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return 0;
  return values.reduce((sum, value, i) => sum + (value * weights[i]!) / total, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Disentanglement (Eastwood & Williams 2018, section 2): how far each dimension is important to one factor only,
 * averaged by the dimensions' importance.
 *
 * @param importance - never negative
 */
export function disentanglement({ dimensions, factors, values }: DimensionFactorMatrix): number {
  const rows = Array.from({ length: dimensions }, (_, l) => [
    ...values.subarray(l * factors, (l + 1) * factors),
  ]);
  return weightedMean(rows.map(concentration), rows.map(sum));
}

/**
 * Completeness (ibid.): how far each factor needs one dimension only, averaged by the factors' importance.
 *
 * @returns the score, and each factor's part
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
