import type { StoredEvaluation } from '../../contract/operations/measure.ts';
import { UnravelError } from '../../contract/errors.ts';
import { codesFile, findStoredPosteriors, hasCodes, readStoredCodes } from '../codes/codes-file.ts';
import type { Dataset } from '../data/dataset.ts';
import type { InferenceModel } from '../inference/model.ts';
import { runFolder, type Run } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';
import {
  evaluateModel,
  scoreCodes,
  type EvaluateModelOptions,
  type ModelEvaluation,
} from './evaluate-model.ts';
import { storeEvaluation } from './stored-evaluations.ts';

/**
 * True for a complete evaluation, which is stored. One of some images, or without intervals, does not replace the
 * stored one.
 */
export function isWhole({ images, onlyValues }: EvaluateModelOptions): boolean {
  return images === undefined && onlyValues !== true;
}

/** What is evaluated: a run's model, or a run that has codes only. */
export type Evaluated = InferenceModel | Run;

/** Number of dimensions of its codes. */
export function latentDimOf(run: Evaluated): number {
  return 'folder' in run ? run.info.config.latentDim : run.latentDim;
}

/** The step of its checkpoint; 0 for a run that has codes only. */
export function checkpointStepOf(run: Evaluated): number {
  return 'folder' in run ? 0 : run.step;
}

async function evaluateCodes(
  { info, folder }: Run,
  dataset: Dataset,
  options: EvaluateModelOptions,
): Promise<ModelEvaluation> {
  if (!(await hasCodes(folder, dataset.info.id, dataset.info.images))) {
    throw new UnravelError('bad-input', `The run ${info.name} has no codes of ${dataset.info.name}.`, {
      hint: `It has the codes of ${info.dataset?.name ?? 'another data set'} only.`,
    });
  }
  const path = codesFile(folder, dataset.info.id);
  const codes = await readStoredCodes(path, dataset.info.images, { logVar: true });
  return scoreCodes(codes, dataset, options);
}

/**
 * Evaluates a run like `evaluateModel`, using stored codes if there are any, and stores the result in the run's
 * folder, unless only some images or only values were requested.
 */
export async function evaluateRun(
  workspace: Workspace,
  model: Evaluated,
  dataset: Dataset,
  options: EvaluateModelOptions,
): Promise<ModelEvaluation> {
  const folder = runFolder(workspace, model.info.id);
  let found: ModelEvaluation;
  if ('folder' in model) found = await evaluateCodes(model, dataset, options);
  else {
    const { variational } = model.spec.shape;
    const posteriors = await findStoredPosteriors(folder, dataset.info, variational);
    found = await evaluateModel(model, dataset, { ...options, ...(posteriors ? { posteriors } : {}) });
  }
  if (!isWhole(options)) return found;
  const stored: StoredEvaluation = {
    version: 1,
    dataset: dataset.info.id,
    step: checkpointStepOf(model),
    seed: options.seed,
    measured: new Date().toISOString(),
    ...found,
  };
  await storeEvaluation(folder, stored);
  return found;
}
