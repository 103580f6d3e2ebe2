import type { Dataset } from '../data/dataset.ts';
import { encodeInChunks, type FollowOptions } from './all.ts';
import { readConditions } from './conditions.ts';
import { readFitted } from './image-source.ts';
import type { Posteriors, TrainedModel } from './model.ts';

/** Encodes the given images of a data set; no logVar for an AE. */
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
