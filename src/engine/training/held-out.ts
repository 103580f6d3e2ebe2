import type { HeldOut } from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import { readConditions } from '../inference/conditions.ts';
import type { TrainedModel } from '../inference/model.ts';
import { squaredError } from '../inference/reconstruction-error.ts';
import { klPerDimension } from '../losses/kl.ts';

/** A dimension with a lower KL has practically no information about the image. */
export const ACTIVE_NATS = 0.01;
/** Minimum variance of the codes in an active dimension of an AE, whose scale is not fixed by a prior. */
const ACTIVE_VARIANCE = 1e-2;
const CHUNK = 64;

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
  const active = variational
    ? kl.filter((nats) => nats > ACTIVE_NATS)
    : squares.filter((square, l) => square - sum[l]! ** 2 > ACTIVE_VARIANCE);
  return {
    images: indices.length,
    reconstruction: error / indices.length,
    kl: kl.reduce((total, nats) => total + nats, 0),
    klPerDimension: [...kl],
    activeDimensions: active.length,
  };
}
