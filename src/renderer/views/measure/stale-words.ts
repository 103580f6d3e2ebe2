import type { StoredEvaluation } from '../../../contract/operations/measure.ts';
import type { RunInfo } from '../../../contract/run.ts';
import { wholeNumber } from '../../components/format.ts';

/** What is to be said of an evaluation of an earlier checkpoint, in a sentence; undefined where it is of the last. */
export function staleWords({ step }: Pick<StoredEvaluation, 'step'>, run: RunInfo): string | undefined {
  if (step === run.step) return undefined;
  return `Measured at step ${wholeNumber(step)}; the run has come to step ${wholeNumber(run.step)} since.`;
}
