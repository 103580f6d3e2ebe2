import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { createProgress } from '../data/progress.ts';
import type { ImageSource } from './image-source.ts';
import type { Posteriors, TrainedModel } from './model.ts';

/** Images or codes between two looks at the signal: enough to be quick, few enough to stop at once. */
const CHUNK = 256;
/** What is decoded in one go must fit in one array, and in memory. */
const MOST_DECODED_BYTES = 2 ** 31;

/** How a long computation is followed and stopped. */
export interface FollowOptions {
  /** Aborting throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

async function inChunks(
  count: number,
  { signal, onProgress }: FollowOptions,
  work: (start: number, size: number) => Promise<void> | void,
): Promise<void> {
  const progress = createProgress(count);
  for (let start = 0; start < count; start += CHUNK) {
    // A turn of the event loop, in which a signal arrives.
    await nextTurn();
    signal?.throwIfAborted();
    const size = Math.min(CHUNK, count - start);
    await work(start, size);
    onProgress?.(progress(start + size));
  }
}

/**
 * Encodes all images of a source, in its order.
 *
 * @returns `[images, latentDim]`, owned by the caller
 */
export async function encodeAll(
  model: TrainedModel,
  source: ImageSource,
  options: FollowOptions = {},
): Promise<Posteriors> {
  const { latentDim } = model;
  const count = source.names.length;
  const mu = new Float32Array(count * latentDim);
  const logVar = new Float32Array(model.spec.shape.variational ? count * latentDim : 0);
  await inChunks(count, options, async (start, size) => {
    const indices = Array.from({ length: size }, (_, i) => start + i);
    const part = model.encode(await source.read(indices), size);
    mu.set(part.mu, start * latentDim);
    logVar.set(part.logVar, start * latentDim);
  });
  return { mu, logVar };
}

/**
 * Decodes codes.
 *
 * @param z - `[count, latentDim]`
 * @returns `[count, imageSize, imageSize, channels]` in [0, 1], owned by the caller
 * @throws UnravelError `bad-input` when the images would not fit in memory together
 */
export async function decodeAll(
  model: TrainedModel,
  z: Float32Array,
  count: number,
  options: FollowOptions = {},
): Promise<Float32Array> {
  const { latentDim, imageSize, channels } = model;
  const pixels = imageSize * imageSize * channels;
  const most = Math.floor(MOST_DECODED_BYTES / (4 * pixels));
  if (count > most) {
    throw new UnravelError('bad-input', `${count} codes are too many to decode in one go.`, {
      hint: `Split them into files of ${most} at most.`,
    });
  }
  const images = new Float32Array(count * pixels);
  await inChunks(count, options, (start, size) => {
    const codes = z.subarray(start * latentDim, (start + size) * latentDim);
    images.set(model.decode(codes, size), start * pixels);
  });
  return images;
}
