import type { LatentValue } from '../../../../contract/operations/codes.ts';

/** At most so many of a dimension's learned values, evenly chosen, with the least and the greatest. */
export function spreadValues(values: readonly LatentValue[], most: number): number[] {
  const count = Math.min(most, values.length);
  const last = Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => values[Math.round((i / last) * (values.length - 1))]!.value);
}
