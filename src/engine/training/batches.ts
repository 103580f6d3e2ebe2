import type { Dataset } from '../data/dataset.ts';
import { createRandom } from '../basics/random.ts';

/** One batch of images. */
export interface Batch {
  /** Index of its step, from 0 on. */
  readonly step: number;
  /** Indices of the images in the data set. */
  readonly indices: Uint32Array;
  /** `[size, imageSize, imageSize, channels]`, bytes. */
  readonly images: Uint8Array;
}

/** The random order of the images in each epoch. It depends on the seed and the epoch only. */
export class BatchPlan {
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly #train: Uint32Array;
  readonly #seed: number;
  #order: { epoch: number; indices: Uint32Array } | undefined;

  /**
   * The last, incomplete batch of an epoch is left out: batch norm and minibatch sampling would treat its images
   * differently. Each epoch leaves out different images.
   */
  constructor(train: Uint32Array, batchSize: number, seed: number) {
    this.#train = train;
    this.#seed = seed;
    this.batchSize = Math.min(batchSize, train.length);
    this.stepsPerEpoch = Math.max(1, Math.floor(train.length / this.batchSize));
  }

  /** The images of step `step`, from 0 on. */
  indices(step: number): Uint32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (this.#order?.epoch !== epoch) {
      const order = createRandom(this.#seed, 'order', epoch).permutation(this.#train.length);
      this.#order = { epoch, indices: order.map((i) => this.#train[i]!) };
    }
    const start = (step % this.stepsPerEpoch) * this.batchSize;
    return this.#order.indices.subarray(start, start + this.batchSize);
  }
}

/**
 * Reads the batches of steps `from` … `to`−1. Each is read while the step before it is computed, so that the
 * training does not wait for the disk.
 */
export async function* readBatches(
  dataset: Dataset,
  plan: BatchPlan,
  from: number,
  to: number,
): AsyncGenerator<Batch> {
  const read = async (step: number): Promise<Batch> => {
    const indices = plan.indices(step);
    return { step, indices, images: await dataset.readImages(indices) };
  };
  let next = from < to ? read(from) : undefined;
  for (let step = from; step < to; step++) {
    const batch = await next!;
    next = step + 1 < to ? read(step + 1) : undefined;
    // A failure is thrown when the batch is awaited. Until then it must not count as unhandled.
    next?.catch(() => undefined);
    yield batch;
  }
}
