import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { createProgress } from '../basics/progress.ts';
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

/** How images are encoded. */
export interface EncodeOptions extends FollowOptions {
  /** The conditions of `size` images from the place `start` on; left out, the usual. */
  readonly condition?: (start: number, size: number) => Float32Array | undefined;
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
 * Encodes any number of images, read in pieces so that they need not all be held.
 *
 * @param read - gives `size` images from the place `start` on
 * @returns `[count, latentDim]`, owned by the caller; no logVar for an AE
 */
export async function encodeInChunks(
  model: TrainedModel,
  count: number,
  read: (start: number, size: number) => Promise<Uint8Array>,
  { condition, ...options }: EncodeOptions = {},
): Promise<Posteriors> {
  const { latentDim, variational } = model.spec.shape;
  const mu = new Float32Array(count * latentDim);
  const logVar = new Float32Array(variational ? count * latentDim : 0);
  await inChunks(count, options, async (start, size) => {
    const part = model.encode(await read(start, size), size, condition?.(start, size));
    mu.set(part.mu, start * latentDim);
    if (variational) logVar.set(part.logVar, start * latentDim);
  });
  return { mu, logVar };
}

/** Encodes all images of a source, in its order; as {@link encodeInChunks}. */
export async function encodeAll(
  model: TrainedModel,
  source: Pick<ImageSource, 'names' | 'read' | 'conditions'>,
  options: FollowOptions = {},
): Promise<Posteriors> {
  const part = (start: number, size: number): number[] => Array.from({ length: size }, (_, i) => start + i);
  return encodeInChunks(model, source.names.length, (start, size) => source.read(part(start, size)), {
    ...options,
    condition: (start, size) => source.conditions?.(part(start, size)),
  });
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
