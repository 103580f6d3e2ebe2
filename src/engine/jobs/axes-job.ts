import type { JobOrder } from '../../contract/job.ts';
import { findRunAxes } from '../axes/find-run-axes.ts';
import { reportProgress, type JobContext } from './job-context.ts';
import type { JobEnd } from './training-jobs.ts';
import { withRun } from './with-run.ts';

/** What is counted, so that `3 of 412 …` says what the search is busy with. */
const UNITS = { encoding: 'images encoded', searching: 'steps at most' } as const;

/** Finds the independent axes of a run's codes of a data set, and stores them. The seed is always the same. */
export async function axesJob(
  context: JobContext,
  order: Extract<JobOrder, { kind: 'axes' }>,
): Promise<JobEnd> {
  const { workspace, signal } = context;
  const { run, dataset: id } = order;
  return withRun(workspace, order, async (model, dataset) => {
    const { indices } = await findRunAxes(workspace, model, dataset, {
      seed: 0,
      signal,
      onProgress: (phase, progress) => reportProgress(context, UNITS[phase])(progress),
    });
    return { result: { run, dataset: id, images: indices.length }, isStopped: false };
  });
}
