import type { Progress } from '../contract/dataset.ts';
import type { EvaluationPhase } from '../engine/evaluation/evaluate-model.ts';
import type { Reporter } from './output.ts';

/** Shows the progress of each phase of an evaluation. */
export function followEvaluation(reporter: Reporter): (phase: EvaluationPhase, progress: Progress) => void {
  const phases = {
    encoding: reporter.progress('Encoding', 'images'),
    untrained: reporter.progress('Encoding without training', 'images'),
    metrics: reporter.progress('Measuring', 'steps'),
    decomposition: reporter.progress('Decomposing KL', 'percent'),
  };
  return (phase, progress) => phases[phase](progress);
}
