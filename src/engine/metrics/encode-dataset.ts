import type { ColumnValues } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import { encodeInChunks, type FollowOptions } from '../inference/all.ts';
import { readConditions } from '../inference/conditions.ts';
import { readFitted } from '../inference/image-source.ts';
import { TrainedModel, type Posteriors } from '../inference/model.ts';
import type { ModelSpec } from '../models/architecture.ts';
import { initialWeights, normedLayers, type Statistics } from '../models/weights.ts';
import { createRandom } from '../random.ts';

/** Some images of a data set, all if there are no more than `most`: drawn by the seed, rising. */
export function chooseImages(images: number, most: number, seed: number): Uint32Array {
  if (images <= most) return Uint32Array.from({ length: images }, (_, i) => i);
  return createRandom(seed, 'metrics', 'images').permutation(images).slice(0, most).sort();
}

/** Encodes some images of a data set; no logVar for an AE. */
export async function encodeImages(
  model: TrainedModel,
  dataset: Dataset,
  indices: Uint32Array,
  options: FollowOptions = {},
): Promise<Posteriors> {
  const part = (start: number, size: number): Uint32Array => indices.subarray(start, start + size);
  const conditions = await readConditions(model.condition, dataset);
  return encodeInChunks(
    model,
    indices.length,
    (start, size) => readFitted(dataset, part(start, size), model),
    { ...options, condition: (start, size) => conditions(part(start, size)) },
  );
}

/** The labels and factors of some images of a data set. */
export async function readColumns(dataset: Dataset, indices: Uint32Array): Promise<ColumnValues[]> {
  const columns: ColumnValues[] = [];
  for (const column of dataset.info.columns) {
    const all = await dataset.column(column);
    columns.push({ column, values: Float32Array.from(indices, (index) => all[index]!) });
  }
  return columns;
}

/** What an untrained batch norm goes by: mean 0, variance 1. */
function untrainedStatistics(spec: ModelSpec): Statistics {
  return new Map(
    normedLayers(spec).flatMap(({ name, channels }) => {
      const tensor = (value: number) => ({ shape: [channels], data: new Float32Array(channels).fill(value) });
      return [
        [`${name}.mean`, tensor(0)],
        [`${name}.variance`, tensor(1)],
      ] as const;
    }),
  );
}

/**
 * Codes of images by the same encoder with freshly drawn weights, which knows only what any random function of the pixels
 * keeps: the baseline that a trained one must beat.
 *
 * @returns `[indices.length, latentDim]`
 */
export async function encodeUntrained(
  { spec, condition }: Pick<TrainedModel, 'spec' | 'condition'>,
  seed: number,
  dataset: Dataset,
  indices: Uint32Array,
  options: FollowOptions = {},
): Promise<Float32Array> {
  const model = new TrainedModel(spec, initialWeights(spec, seed), untrainedStatistics(spec), condition);
  try {
    return (await encodeImages(model, dataset, indices, options)).mu;
  } finally {
    model.dispose();
  }
}

/** Images are decoded so many at a time. */
const CHUNK = 64;

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
    for (let i = 0; i < images.length; i++) error += (decoded[i]! - images[i]! / 255) ** 2;
  }
  return error / indices.length;
}
