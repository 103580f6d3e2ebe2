import type { TrainingConfig } from '../contract/run.ts';
import type { Dataset } from '../engine/data/dataset.ts';
import { measureRate, RATE_STEPS } from '../engine/training/measure.ts';
import type { Session } from './session.ts';

/** Measures the speed of a few steps of a training, and says so: images per second. */
export function measureSpeed(
  { reporter, signal }: Session,
  dataset: Dataset,
  config: TrainingConfig,
): Promise<number> {
  const what = 'Measuring the speed of training';
  reporter.status(what);
  const onStep = reporter.progress(what, 'steps');
  return measureRate(dataset, config, {
    signal,
    onStep: (done) => onStep({ done, total: RATE_STEPS, rate: 0, secondsLeft: undefined }),
  });
}
