import { ACTIVE_NATS, ACTIVE_VARIANCE } from '../../contract/activity.ts';
import type { HeldOut } from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import { readConditions } from '../inference/conditions.ts';
import type { TrainedModel } from '../inference/model.ts';
import { squaredError, squaredErrorOfOne } from '../inference/reconstruction-error.ts';
import { klPerDimension } from '../losses/kl.ts';

const CHUNK = 64;

/**
 * Measures squared error and KL on images that the model was not trained on, with the posterior's mean as z.
 *
 * @param indices - indices of the images in the data set
 * @param mean - the mean training image, whose error is the baseline; if left out, there is none
 */
export async function evaluateHeldOut(
  model: TrainedModel,
  dataset: Dataset,
  indices: Uint32Array,
  mean?: Float32Array,
): Promise<HeldOut> {
  const { latentDim, variational } = model.spec.shape;
  const kl = new Float64Array(latentDim);
  const [sum, squares] = [new Float64Array(latentDim), new Float64Array(latentDim)];
  const conditions = await readConditions(model.condition, dataset);
  let error = 0;
  let baseline = 0;
  for (let start = 0; start < indices.length; start += CHUNK) {
    const chosen = indices.subarray(start, start + CHUNK);
    const images = await dataset.readImages(chosen);
    const condition = conditions(chosen);
    const { mu, logVar } = model.encode(images, chosen.length, condition);
    error += squaredError(images, model.decodeRaw(mu, chosen.length, condition));
    if (mean) baseline += squaredErrorOfOne(images, mean);
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
    ...(mean ? { meanImage: baseline / indices.length } : {}),
    kl: kl.reduce((total, nats) => total + nats, 0),
    klPerDimension: [...kl],
    activeDimensions: active.length,
  };
}
