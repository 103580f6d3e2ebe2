import type { DimensionFactorMatrix } from './mutual-information.ts';

/**
 * The largest and the second largest number of a factor over all dimensions; if there is only one dimension, the
 * second is 0.
 */
export function topTwo(
  { dimensions, factors, values }: DimensionFactorMatrix,
  factor: number,
): { largest: number; second: number } {
  let [largest, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let l = 0; l < dimensions; l++) {
    const value = values[l * factors + factor]!;
    if (value > largest) [largest, second] = [value, largest];
    else if (value > second) second = value;
  }
  return { largest, second: dimensions === 1 ? 0 : second };
}
