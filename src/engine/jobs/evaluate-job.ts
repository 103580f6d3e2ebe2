import type { JobOrder } from '../../contract/job.ts';
import { evaluateRunAndAxes } from '../axes/evaluate-axes.ts';
import type { EvaluationPhase } from '../evaluation/evaluate-model.ts';
import { reportProgress, type JobContext } from './job-context.ts';
import type { JobEnd } from './training-jobs.ts';
import { withRun } from './with-run.ts';

/** What is counted, so that `300 of 8,000 …` says what the evaluation is busy with. */
const UNITS: Readonly<Record<EvaluationPhase, string>> = {
  encoding: 'images encoded',
  untrained: 'images through an untrained encoder',
  metrics: 'steps of measuring',
  decomposition: 'percent of decomposing KL',
};
const AXES_UNIT = 'steps of measuring the independent axes';

/** Measures a run on a data set, its independent axes too if they were found, and stores the results. */
export async function evaluateJob(
  context: JobContext,
  order: Extract<JobOrder, { kind: 'evaluate' }>,
): Promise<JobEnd> {
  const { workspace, signal } = context;
  const { seed, metrics } = order;
  return withRun(workspace, order, async (run, dataset) => {
    const { images } = await evaluateRunAndAxes(workspace, run, dataset, {
      ...{ seed, signal },
      ...(metrics ? { metrics } : {}),
      onProgress: (phase, progress) => reportProgress(context, UNITS[phase])(progress),
      onAxesProgress: reportProgress(context, AXES_UNIT),
    });
    return { result: { run: run.info.id, dataset: dataset.info.id, images }, isStopped: false };
  });
}
