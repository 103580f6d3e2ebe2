import type { PosteriorBatch } from './posterior.ts';

/**
 * How far a weight has risen that rises linearly over the first part of a training: 0 at its first step, 1 from the
 * part's end on.
 *
 * @param part - of the training, from 0 (risen from the first step on) to 1
 */
export function risen(
  part: number,
  { step, totalSteps }: Pick<PosteriorBatch, 'step' | 'totalSteps'>,
): number {
  const steps = part * totalSteps;
  return step >= steps ? 1 : step / steps;
}
