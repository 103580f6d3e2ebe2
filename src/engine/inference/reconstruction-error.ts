import type { Dataset } from '../data/dataset.ts';
import { readConditions } from './conditions.ts';
import { readFitted } from './image-source.ts';
import type { TrainedModel } from './model.ts';

/** Number of images that are decoded at a time. */
const CHUNK = 64;

/** Σ (x − x̂)² over all images, pixels and channels, x in bytes and x̂ in [0, 1]. */
export function squaredError(images: Uint8Array, reconstruction: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < images.length; i++) sum += (reconstruction[i]! - images[i]! / 255) ** 2;
  return sum;
}

/** Σ (x − x̂)² over all images, with the same picture x̂ for every image. */
export function squaredErrorOfOne(images: Uint8Array, picture: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < images.length; i++) sum += (picture[i % picture.length]! - images[i]! / 255) ** 2;
  return sum;
}

/**
 * Mean squared error ‖x − x̂‖² of images decoded from the posterior's mean, summed over pixels and channels.
 *
 * @param mu - `[indices.length, latentDim]`
 */
export async function measureReconstruction(
  model: TrainedModel,
  dataset: Dataset,
  indices: Uint32Array,
  mu: Float32Array,
  signal?: AbortSignal,
): Promise<number> {
  const { latentDim } = model;
  const conditions = await readConditions(model.condition, dataset);
  let error = 0;
  for (let start = 0; start < indices.length; start += CHUNK) {
    signal?.throwIfAborted();
    const chosen = indices.subarray(start, start + CHUNK);
    const images = await readFitted(dataset, chosen, model);
    const codes = mu.subarray(start * latentDim, (start + chosen.length) * latentDim);
    const decoded = model.decodeRaw(codes, chosen.length, conditions(chosen));
    error += squaredError(images, decoded);
  }
  return error / indices.length;
}
