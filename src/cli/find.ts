import type { Dataset } from '../engine/data/dataset.ts';
import type { InferenceModel } from '../engine/inference/model.ts';
import type { Run } from '../engine/runs/store.ts';
import type { Session } from './session.ts';

/**
 * Opens a data set by its id or name, and keeps it from being removed until the caller closes it.
 *
 * @throws UnravelError `not-found`, with names that are near
 */
export async function findDataset({ workspace }: Session, idOrName: string): Promise<Dataset> {
  const { holdDataset } = await import('../engine/data/hold.ts');
  return holdDataset(workspace, idOrName);
}

/**
 * Finds a run by its id or name.
 *
 * @throws UnravelError `not-found`, with names that are near
 */
export async function findRun({ workspace }: Session, idOrName: string): Promise<Run> {
  const { openRun } = await import('../engine/runs/store.ts');
  return openRun(workspace, idOrName);
}

/**
 * Does something with a run's model, which is let go of afterwards.
 *
 * @throws UnravelError `not-found`, with names that are near
 */
export async function withModel<T>(
  session: Session,
  idOrName: string,
  work: (model: InferenceModel) => Promise<T>,
): Promise<T> {
  const run = await findRun(session, idOrName);
  const { openModel } = await import('../engine/inference/model.ts');
  const model = await openModel(session.workspace, run.info.id);
  try {
    return await work(model);
  } finally {
    model.dispose();
  }
}
