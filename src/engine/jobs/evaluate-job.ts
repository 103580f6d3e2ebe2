import type { JobOrder } from '../../contract/job.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { openModel, type InferenceModel } from '../inference/model.ts';
import { evaluateStoredAxes } from '../axes/evaluate-axes.ts';
import type { EvaluationPhase } from '../evaluation/evaluate-model.ts';
import { evaluateRun } from '../evaluation/evaluate-run.ts';
import { openRun } from '../runs/store.ts';
import { reportProgress, type JobContext } from './job-context.ts';
import type { JobEnd } from './training-jobs.ts';

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
  { run, dataset: id, seed, metrics }: Extract<JobOrder, { kind: 'evaluate' }>,
): Promise<JobEnd> {
  const { workspace, signal } = context;
  const dataset = await openLockedDataset(workspace, id);
  try {
    const opened = await openRun(workspace, run);
    const model = opened.info.hasCodesOnly ? opened : await openModel(workspace, run);
    try {
      const { images } = await evaluateRun(workspace, model, dataset, {
        seed,
        ...(metrics ? { metrics } : {}),
        signal,
        onProgress: (phase, progress) => reportProgress(context, UNITS[phase])(progress),
      });
      await evaluateStoredAxes(workspace, model, dataset, {
        seed,
        ...(metrics ? { metrics } : {}),
        signal,
        onProgress: reportProgress(context, AXES_UNIT),
      });
      return { result: { run: model.info.id, dataset: dataset.info.id, images }, isStopped: false };
    } finally {
      if (model !== opened) (model as InferenceModel).dispose();
    }
  } finally {
    await dataset.close();
  }
}
