import { UnravelError } from '../../contract/errors.ts';
import type { LossTerms } from '../../contract/run.ts';

/**
 * Checks that the losses are finite.
 *
 * @param step - the step of these losses
 * @param keptStep - the step of the last checkpoint; 0 if there is none
 * @throws UnravelError `diverged`
 */
export function assertFinite(
  { total, terms }: LossTerms,
  { step, keptStep }: { readonly step: number; readonly keptStep: number },
): void {
  const broken = Object.entries(terms).find(([, value]) => !Number.isFinite(value));
  if (!broken && Number.isFinite(total)) return;
  const term = broken?.[0] ?? 'total';
  const kept = keptStep > 0 ? `the checkpoint of step ${keptStep} is kept` : 'nothing was saved yet';
  throw new UnravelError(
    'diverged',
    `Training diverged at step ${step}: ${term} is not a number any more; ${kept}.`,
    { hint: 'Use a smaller learning rate or smaller weights.', remedy: 'gentler-training' },
  );
}
