import type { Dataset } from '../data/dataset.ts';
import type { ModelSpec } from '../models/architecture.ts';
import { initialWeights, normedLayers, type Statistics } from '../models/weights.ts';
import type { FollowOptions } from './all.ts';
import { encodeImages } from './encode-images.ts';
import { TrainedModel } from './model.ts';

/** The statistics of an untrained batch norm: mean 0, variance 1. Values of a quantised model need none. */
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
 * Encodes images by an untrained encoder of the same architecture. Its codes contain only the information of a
 * random function of the pixels, and are the baseline for a trained encoder.
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
