import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { MOST_DIMENSIONS } from '../../contract/numbers.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Split } from '../data/split.ts';
import { unitToByte } from '../pictures/picture.ts';
import {
  floatTensor,
  readSafetensors,
  writeSafetensors,
  type AnyTensor,
  type HostTensor,
} from '../files/safetensors.ts';
import { readConditions } from '../inference/conditions.ts';
import { drawPrior } from '../inference/draw-prior.ts';
import type { Posteriors, TrainedModel } from '../inference/model.ts';
import { createRandom } from '../basics/random.ts';
import { SNAPSHOTS_FOLDER } from '../runs/store.ts';

/**
 * Number of images whose codes are stored at every epoch: enough to show the development of the latent space, and
 * few enough to encode quickly.
 */
const SNAPSHOT_IMAGES = 2000;
/** Number of held-out images, and of samples, that are stored as pictures. */
const SNAPSHOT_PICTURES = 12;
/** Maximum size of a snapshot. Codes of 512 dimensions and the pictures take a twelfth of it. */
const MOST_SNAPSHOT_BYTES = 64_000_000;

/** The images of a run's snapshots: held-out images first, then training images, from all parts of the data. */
export function snapshotIndices(split: Split): Uint32Array {
  const heldOut = split.heldOut.subarray(0, SNAPSHOT_IMAGES / 4);
  const train = split.train.subarray(0, SNAPSHOT_IMAGES - heldOut.length);
  return Uint32Array.from([...heldOut, ...train]);
}

/** The path of an epoch's snapshot in the run's folder. */
export function snapshotFile(folder: string, epoch: number): string {
  return join(folder, SNAPSHOTS_FOLDER, `epoch-${String(epoch).padStart(4, '0')}.safetensors`);
}

/** The pictures of an epoch, `[k, size, size, channels]` each, bytes. */
export interface SnapshotImages {
  /** Held-out images. */
  readonly originals: HostTensor<Uint8Array>;
  /** Their reconstructions. */
  readonly reconstructions: HostTensor<Uint8Array>;
  /** Decoded from the same codes of the prior in every epoch. */
  readonly samples: HostTensor<Uint8Array>;
}

const PICTURES = ['originals', 'reconstructions', 'samples'] as const;

/**
 * Computes the pictures of a snapshot: the first held-out images, their reconstructions, and samples of the prior.
 */
export async function drawSnapshotImages(
  model: TrainedModel,
  dataset: Dataset,
  heldOut: Uint32Array,
): Promise<SnapshotImages> {
  const { imageSize, channels } = model;
  const batch = (data: Uint8Array): HostTensor<Uint8Array> => ({
    shape: [data.length / (imageSize * imageSize * channels), imageSize, imageSize, channels],
    data,
  });
  const chosen = heldOut.subarray(0, SNAPSHOT_PICTURES);
  const originals = await dataset.readImages(chosen);
  const condition = (await readConditions(model.condition, dataset))(chosen);
  const { mu } = model.encode(originals, chosen.length, condition);
  const z = drawPrior(model, createRandom(0, 'prior'), SNAPSHOT_PICTURES);
  return {
    originals: batch(originals),
    reconstructions: batch(Uint8Array.from(model.decode(mu, chosen.length, condition), unitToByte)),
    samples: batch(Uint8Array.from(model.decode(z, SNAPSHOT_PICTURES), unitToByte)),
  };
}

/** Writes an epoch's snapshot: `indices`, `mu`, `log_var` if there is a posterior, and pictures. */
export async function writeSnapshot(
  folder: string,
  epoch: number,
  indices: Uint32Array,
  { mu, logVar }: Posteriors,
  images: SnapshotImages,
): Promise<void> {
  const latentDim = mu.length / indices.length;
  const shape = [indices.length, latentDim];
  const tensors = new Map<string, AnyTensor>([
    ['indices', { shape: [indices.length], data: Int32Array.from(indices) }],
    ['mu', { shape, data: mu }],
  ]);
  if (logVar.length) tensors.set('log_var', { shape, data: logVar });
  for (const name of PICTURES) tensors.set(name, images[name]);
  await writeSafetensors(snapshotFile(folder, epoch), tensors);
}

/** A snapshot that was read from a file. */
export interface ReadSnapshot {
  /** The images, `[n]`. */
  readonly indices: Int32Array;
  /** Their codes, `[n, latentDim]`. */
  readonly mu: Float32Array;
  readonly latentDim: number;
  /** Undefined for runs of early versions. */
  readonly images: SnapshotImages | undefined;
}

/**
 * Reads an epoch's snapshot.
 *
 * @param images - whether to read its pictures
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readSnapshot(
  folder: string,
  epoch: number,
  { images: wantsImages = true }: { readonly images?: boolean } = {},
): Promise<ReadSnapshot> {
  const path = snapshotFile(folder, epoch);
  const isPicture = (name: string): boolean => PICTURES.some((picture) => picture === name);
  const file = await readSafetensors(
    path,
    (name) => name === 'indices' || name === 'mu' || (wantsImages && isPicture(name)),
    { mostBytes: MOST_SNAPSHOT_BYTES },
  );
  const indices = file.tensors.get('indices')?.data;
  const { shape, data: mu } = floatTensor(file, 'mu', [-1, -1], path);
  const latentDim = shape[1]!;
  const isWhole = latentDim >= 1 && latentDim <= MOST_DIMENSIONS;
  if (!(indices instanceof Int32Array) || indices.length !== shape[0] || !isWhole) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: its list of images does not match its codes.`,
      {
        path,
        hint: 'Train the model again to have it.',
      },
    );
  }
  const [originals, reconstructions, samples] = PICTURES.map((name) => picturesOf(file.tensors.get(name)));
  const images =
    originals && reconstructions && samples ? { originals, reconstructions, samples } : undefined;
  return { indices, mu, latentDim, images };
}

function picturesOf(found: AnyTensor | undefined): HostTensor<Uint8Array> | undefined {
  if (!(found?.data instanceof Uint8Array) || found.shape.length !== 4) return undefined;
  return { shape: found.shape, data: found.data };
}

/** Lists the epochs that have a snapshot, in ascending order. */
export async function listSnapshots(folder: string): Promise<number[]> {
  const names = await readdir(join(folder, SNAPSHOTS_FOLDER)).catch(() => []);
  return names
    .map((name) => Number(/^epoch-(\d+)\.safetensors$/.exec(name)?.[1] ?? Number.NaN))
    .filter((epoch) => !Number.isNaN(epoch))
    .sort((a, b) => a - b);
}
