import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { createProgress } from '../basics/progress.ts';
import type { ImageSource } from './image-source.ts';
import type { Posteriors, TrainedModel } from './model.ts';

/** Number of images or codes after which the signal is checked. */
const CHUNK = 256;
/** Maximum size of images that are decoded into one array. */
const MOST_DECODED_BYTES = 2 ** 31;

/** Options for progress and cancellation of a long computation. */
export interface FollowOptions {
  /** Aborting throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Options for encoding images. */
export interface EncodeOptions extends FollowOptions {
  /** Returns the conditions of `size` images from `start` on; if left out, the default is used. */
  readonly condition?: (start: number, size: number) => Float32Array | undefined;
}

async function inChunks(
  count: number,
  { signal, onProgress }: FollowOptions,
  work: (start: number, size: number) => Promise<void> | void,
): Promise<void> {
  const progress = createProgress(count);
  for (let start = 0; start < count; start += CHUNK) {
    // A signal can arrive in a new turn of the event loop.
    await nextTurn();
    signal?.throwIfAborted();
    const size = Math.min(CHUNK, count - start);
    await work(start, size);
    onProgress?.(progress(start + size));
  }
}

/**
 * Encodes any number of images, which are read in chunks, so that not all of them are in memory.
 *
 * @param read - returns `size` images from `start` on
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

/** Encodes all images of a source in order; see {@link encodeInChunks}. */
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
 * @throws UnravelError `bad-input` if the images would be too large for memory
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
      hint: `Split them into files of at most ${most} codes.`,
    });
  }
  const images = new Float32Array(count * pixels);
  await inChunks(count, options, (start, size) => {
    const codes = z.subarray(start * latentDim, (start + size) * latentDim);
    images.set(model.decode(codes, size), start * pixels);
  });
  return images;
}
