import type { Dataset } from '../data/dataset.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import type { Evaluated } from '../evaluation/evaluate-run.ts';
import { openModel, type InferenceModel } from '../inference/model.ts';
import { openRun } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';

/** Opens a run and a data set for a piece of work, and closes both after it. */
export async function withRun<T>(
  workspace: Workspace,
  { run, dataset: id }: { readonly run: string; readonly dataset: string },
  work: (run: Evaluated, dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = await openLockedDataset(workspace, id);
  try {
    const opened = await openRun(workspace, run);
    if (opened.info.hasCodesOnly) return await work(opened, dataset);
    const model: InferenceModel = await openModel(workspace, run);
    try {
      return await work(model, dataset);
    } finally {
      model.dispose();
    }
  } finally {
    await dataset.close();
  }
}
