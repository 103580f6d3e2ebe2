import { join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import type { FollowOptions } from '../inference/all.ts';
import { openModel, type InferenceModel, type Posteriors } from '../inference/model.ts';
import type { Dataset } from '../data/dataset.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { encodeImages } from '../inference/encode-images.ts';
import { runFolder } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';
import { codesFile, EXPORTED_CODES, storeCodes } from './codes-file.ts';

function encodeAllOf(model: InferenceModel, dataset: Dataset, options: FollowOptions): Promise<Posteriors> {
  const all = Uint32Array.from({ length: dataset.info.images }, (_, i) => i);
  return encodeImages(model, dataset, all, options);
}

/**
 * Encodes all images of a data set and stores the codes in the run's folder.
 *
 * @throws the signal's reason when it is aborted; codes that were stored before are then kept
 */
export async function encodeDataset(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  options: FollowOptions = {},
): Promise<void> {
  const posteriors = await encodeAllOf(model, dataset, options);
  const path = codesFile(runFolder(workspace, model.info.id), dataset.info.id);
  await storeCodes(path, posteriors, { step: model.step, latentDim: model.latentDim });
}

/**
 * Writes the codes of the data set that a run was trained on into the folder of an exported model, so that its
 * points can be shown without encoding.
 *
 * @param half - write only mu, in half precision
 * @throws UnravelError `not-found` if the data set is not in this workspace
 */
export async function exportCodes(
  workspace: Workspace,
  run: string,
  out: string,
  { half, ...options }: FollowOptions & { readonly half: boolean },
): Promise<void> {
  const model = await openModel(workspace, run);
  try {
    const { id, dataset: own } = model.info;
    if (!own) {
      throw new UnravelError('not-found', `The run ${id} was trained elsewhere: its data set is not known.`);
    }
    const dataset = await openLockedDataset(workspace, own.id);
    try {
      const posteriors = await encodeAllOf(model, dataset, options);
      const { step, latentDim } = model;
      await storeCodes(join(out, EXPORTED_CODES), posteriors, { step, latentDim, half });
    } finally {
      await dataset.close();
    }
  } finally {
    model.dispose();
  }
}
