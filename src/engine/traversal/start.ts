import { nearestOrSame } from '../../contract/operations/codes.ts';
import { readOwnLabel, conditionRow } from '../inference/conditions.ts';
import { readFitted, readPictureFor } from '../inference/image-source.ts';
import type { InferenceModel, TrainedModel } from '../inference/model.ts';
import type { Dataset } from '../data/dataset.ts';
import { klPerDimension } from '../losses/kl.ts';
import { splitDataset } from '../data/split.ts';

/** The code from which a traversal or an interpolation starts. */
export interface StartCode {
  /** `[latentDim]`: an image's mu, or zero, the prior's mean. */
  readonly code: Float32Array;
  /** KL of the image's posterior per dimension, nats; undefined for the prior's mean and for an AE. */
  readonly klPerDimension: readonly number[] | undefined;
  /** The image's label, if it is known, which is its condition. */
  readonly condition?: number | undefined;
}

function startAt(model: TrainedModel, image: Uint8Array, condition?: number): StartCode {
  const { mu, logVar } = model.encode(image, 1, conditionRow(model, condition));
  const kl = logVar.length ? [...klPerDimension(mu, logVar, model.latentDim)] : undefined;
  return { code: mu, klPerDimension: kl, condition };
}

/**
 * The prior's mean; of a quantised model, in each dimension the learned value nearest to the mean of the training
 * images.
 */
export function startAtPrior({ latentDim, latentValues }: TrainedModel): StartCode {
  const code = new Float32Array(latentDim);
  latentValues?.forEach((values, l) => {
    const mean = values.reduce((sum, { value, share }) => sum + share * value, 0);
    code[l] = nearestOrSame(values, mean);
  });
  return { code, klPerDimension: undefined };
}

/**
 * The posterior's mean of a picture file.
 *
 * @throws UnravelError `not-found` or `bad-input` when the file cannot be read
 */
export async function startAtPicture(model: TrainedModel, path: string): Promise<StartCode> {
  return startAt(model, await readPictureFor(path, model));
}

/** The posterior's mean of a data set's image; `index` is below the number of images. */
export async function startAtImage(model: TrainedModel, dataset: Dataset, index: number): Promise<StartCode> {
  const condition = await readOwnLabel(model.condition, dataset, index);
  return startAt(model, await readFitted(dataset, [index], model), condition);
}

/** The images that a run held out, in ascending order. For a data set on which it was not trained, all images. */
export async function heldOutIndices({ info }: InferenceModel, dataset: Dataset): Promise<Uint32Array> {
  const { images } = dataset.info;
  if (info.dataset?.id !== dataset.info.id) return Uint32Array.from({ length: images }, (_, i) => i);
  return (await splitDataset(dataset, info.config.heldOutFraction)).heldOut;
}
