import type { Damaged } from '../contract/damaged.ts';
import type { Dataset } from '../engine/data/dataset.ts';
import { findNamed } from '../engine/basics/find-named.ts';
import type { InferenceModel } from '../engine/inference/model.ts';
import type { Run } from '../engine/runs/store.ts';
import type { Session } from './session.ts';

/** Which names are accepted. */
interface Rule {
  /** Whether the beginning of an id is enough; false for removing. */
  readonly beginnings?: boolean;
}

interface Listed {
  readonly id: string;
  readonly name: string;
}

/** Everything that can be named, damaged entries included, so that another is not chosen instead of one. */
function nameable(whole: readonly Listed[], damaged: readonly Damaged[]): Listed[] {
  return [...whole, ...damaged.map(({ id }) => ({ id, name: id }))];
}

/**
 * The id of the data set that a person has named by its id, a unique beginning of its id, or a unique name.
 *
 * @throws UnravelError `not-found`, with similar names; `bad-input` where several match
 */
export async function findDatasetId({ workspace }: Session, named: string, rule?: Rule): Promise<string> {
  const { listDatasetsAndDamaged } = await import('../engine/data/store.ts');
  const { datasets, damaged } = await listDatasetsAndDamaged(workspace);
  const none = 'There are no data sets yet: import a folder of faces, or make sample data.';
  return findNamed(nameable(datasets, damaged), named, { noun: 'data set', none }, rule).id;
}

/**
 * The id of the run that a person has named by its id, a unique beginning of its id, or a unique name.
 *
 * @throws UnravelError `not-found`, with similar names; `bad-input` where several match
 */
export async function findRunId({ workspace }: Session, named: string, rule?: Rule): Promise<string> {
  const { listRunsAndDamaged } = await import('../engine/runs/store.ts');
  const { runs, damaged } = await listRunsAndDamaged(workspace);
  const none = 'There are no runs yet: train a model first.';
  return findNamed(nameable(runs, damaged), named, { noun: 'run', none, remedy: 'train' }, rule).id;
}

/**
 * Opens the data set that {@link findDatasetId} finds, and keeps it from being removed until the caller closes it.
 *
 * @throws UnravelError also `bad-input` where it is damaged
 */
export async function findDataset(session: Session, named: string): Promise<Dataset> {
  const { openLockedDataset } = await import('../engine/data/lock-dataset.ts');
  return openLockedDataset(session.workspace, await findDatasetId(session, named));
}

/**
 * Opens the run that {@link findRunId} finds.
 *
 * @throws UnravelError also `bad-input` where it is damaged
 */
export async function findRun(session: Session, named: string): Promise<Run> {
  const { openRun } = await import('../engine/runs/store.ts');
  return openRun(session.workspace, await findRunId(session, named));
}

/**
 * Opens a run's model, calls `work` with it, and disposes of it afterwards.
 *
 * @throws UnravelError as {@link findRun}
 */
export async function withModel<T>(
  session: Session,
  named: string,
  work: (model: InferenceModel) => Promise<T>,
): Promise<T> {
  const id = await findRunId(session, named);
  const { openModel } = await import('../engine/inference/model.ts');
  const model = await openModel(session.workspace, id);
  try {
    return await work(model);
  } finally {
    model.dispose();
  }
}

/**
 * The same as {@link withModel}, and for a run that has codes only, calls `work` with the run itself.
 *
 * @throws UnravelError as {@link findRun}
 */
export async function withModelOrCodes<T>(
  session: Session,
  named: string,
  work: (model: InferenceModel | Run, latentDim: number) => Promise<T>,
): Promise<T> {
  const run = await findRun(session, named);
  if (run.info.hasCodesOnly) return work(run, run.info.config.latentDim);
  return withModel(session, run.info.id, (model) => work(model, model.latentDim));
}
