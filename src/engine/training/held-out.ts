import { isActive } from '../../contract/activity.ts';
import type { HeldOut } from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import { meanImage } from '../data/mean-image.ts';
import type { Split } from '../data/split.ts';
import { readConditions } from '../inference/conditions.ts';
import type { TrainedModel } from '../inference/model.ts';
import { squaredError, squaredErrorOfOne } from '../inference/reconstruction-error.ts';
import { klPerDimension } from '../losses/kl.ts';

const CHUNK = 64;

/**
 * The squared error of the mean training image on the held-out images, per image: the baseline of the reconstructions'
 * error. No training changes it, so it is measured once.
 */
export async function measureMeanImage(dataset: Dataset, { train, heldOut }: Split): Promise<number> {
  const mean = await meanImage(dataset, train);
  let error = 0;
  for (let start = 0; start < heldOut.length; start += CHUNK) {
    error += squaredErrorOfOne(await dataset.readImages(heldOut.subarray(start, start + CHUNK)), mean);
  }
  return error / heldOut.length;
}

/**
 * Measures squared error and KL on images that the model was not trained on, with the posterior's mean as z.
 *
 * @param indices - indices of the images in the data set
 */
export async function evaluateHeldOut(
  model: TrainedModel,
  dataset: Dataset,
  indices: Uint32Array,
): Promise<HeldOut> {
  const { latentDim, variational } = model.spec.shape;
  const kl = new Float64Array(latentDim);
  const [sum, squares] = [new Float64Array(latentDim), new Float64Array(latentDim)];
  const conditions = await readConditions(model.condition, dataset);
  let error = 0;
  for (let start = 0; start < indices.length; start += CHUNK) {
    const chosen = indices.subarray(start, start + CHUNK);
    const images = await dataset.readImages(chosen);
    const condition = conditions(chosen);
    const { mu, logVar } = model.encode(images, chosen.length, condition);
    error += squaredError(images, model.decodeRaw(mu, chosen.length, condition));
    if (variational) {
      const chunk = klPerDimension(mu, logVar, latentDim);
      for (let l = 0; l < latentDim; l++) kl[l]! += (chunk[l]! * chosen.length) / indices.length;
    }
    for (let i = 0; i < mu.length; i++) {
      sum[i % latentDim]! += mu[i]! / indices.length;
      squares[i % latentDim]! += mu[i]! ** 2 / indices.length;
    }
  }
  const active = Array.from(kl, (nats, l) =>
    isActive({ kl: nats, deviation: Math.sqrt(Math.max(0, squares[l]! - sum[l]! ** 2)) }, variational),
  );
  return {
    images: indices.length,
    reconstruction: error / indices.length,
    kl: kl.reduce((total, nats) => total + nats, 0),
    klPerDimension: [...kl],
    activeDimensions: active.filter(Boolean).length,
  };
}
