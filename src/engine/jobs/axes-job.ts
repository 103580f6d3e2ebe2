import type { JobOrder } from '../../contract/job.ts';
import { findRunAxes, type FoundAxes } from '../axes/find-run-axes.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Evaluated } from '../evaluation/evaluate-run.ts';
import { reportProgress, type JobContext } from './job-context.ts';
import type { JobEnd } from './training-jobs.ts';
import { withRun } from './with-run.ts';

/** What is counted, so that `3 of 412 …` says what the search is busy with. */
const UNITS = { encoding: 'images encoded', searching: 'steps at most' } as const;

/** Finds the independent axes of a run's codes as every job does, always with the same seed, and stores them. */
export function findAxesInJob(context: JobContext, run: Evaluated, dataset: Dataset): Promise<FoundAxes> {
  return findRunAxes(context.workspace, run, dataset, {
    seed: 0,
    signal: context.signal,
    onProgress: (phase, progress) => reportProgress(context, UNITS[phase])(progress),
  });
}

/** Finds the independent axes of a run's codes of a data set, and stores them. */
export async function axesJob(
  context: JobContext,
  order: Extract<JobOrder, { kind: 'axes' }>,
): Promise<JobEnd> {
  return withRun(context.workspace, order, async (model, dataset) => {
    const { indices } = await findAxesInJob(context, model, dataset);
    return {
      result: { run: order.run, dataset: order.dataset, images: indices.length },
      isStopped: false,
    };
  });
}
