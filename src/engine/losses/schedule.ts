import type { PosteriorBatch } from './posterior.ts';

/**
 * The factor of a weight that rises linearly over the first part of a training: 0 at the first step, 1 from the end
 * of that part on.
 *
 * @param part - part of the training over which it rises, from 0 (1 from the first step on) to 1
 */
export function warmUpFactor(
  part: number,
  { step, totalSteps }: Pick<PosteriorBatch, 'step' | 'totalSteps'>,
): number {
  const steps = part * totalSteps;
  return step >= steps ? 1 : step / steps;
}
