import type { StoredEvaluation } from '../../contract/operations/measure.ts';
import { findStoredPosteriors } from '../codes/codes-file.ts';
import type { Dataset } from '../data/dataset.ts';
import type { InferenceModel } from '../inference/model.ts';
import { runFolder } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';
import { evaluateModel, type EvaluateModelOptions, type ModelEvaluation } from './evaluate-model.ts';
import { storeEvaluation } from './stored-evaluations.ts';

/** True for a complete evaluation. One of some images, or without intervals, does not replace the stored one. */
function isWhole({ images, onlyValues }: EvaluateModelOptions): boolean {
  return images === undefined && onlyValues !== true;
}

/**
 * Evaluates a run like `evaluateModel`, using stored codes if there are any, and stores the result in the run's
 * folder, unless only some images or only values were requested.
 */
export async function evaluateRun(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  options: EvaluateModelOptions,
): Promise<ModelEvaluation> {
  const folder = runFolder(workspace, model.info.id);
  const { variational } = model.spec.shape;
  const posteriors = await findStoredPosteriors(folder, dataset.info, variational);
  const found = await evaluateModel(model, dataset, { ...options, ...(posteriors ? { posteriors } : {}) });
  if (!isWhole(options)) return found;
  const stored: StoredEvaluation = {
    version: 1,
    dataset: dataset.info.id,
    step: model.step,
    seed: options.seed,
    measured: new Date().toISOString(),
    ...found,
  };
  await storeEvaluation(folder, stored);
  return found;
}
