import { join } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import { writeSafetensors, type AnyTensor } from '../files/safetensors.ts';
import type { Posteriors, TrainedModel } from '../inference/model.ts';
import type { Split } from '../data/split.ts';

/** Images whose codes are kept at every epoch: enough to watch a latent space take shape, quick to encode. */
const SNAPSHOT_IMAGES = 2000;

/** Which images a run's snapshots show: the held-out ones first, then training images, spread over the data. */
export function snapshotIndices(split: Split): Uint32Array {
  const heldOut = split.heldOut.subarray(0, SNAPSHOT_IMAGES / 4);
  const train = split.train.subarray(0, SNAPSHOT_IMAGES - heldOut.length);
  return Uint32Array.from([...heldOut, ...train]);
}

/** The file of an epoch's snapshot inside the run's folder. */
export function snapshotFile(folder: string, epoch: number): string {
  return join(folder, 'snapshots', `epoch-${String(epoch).padStart(4, '0')}.safetensors`);
}

/** Encodes images of a data set in pieces, so that they need not all be held. */
export async function encodeImages(
  model: TrainedModel,
  dataset: Dataset,
  indices: Uint32Array,
): Promise<Posteriors> {
  const { latentDim, variational } = model.spec.shape;
  const mu = new Float32Array(indices.length * latentDim);
  const logVar = new Float32Array(variational ? mu.length : 0);
  const chunk = 256;
  for (let start = 0; start < indices.length; start += chunk) {
    const chosen = indices.subarray(start, start + chunk);
    const part = model.encode(await dataset.readImages(chosen), chosen.length);
    mu.set(part.mu, start * latentDim);
    if (variational) logVar.set(part.logVar, start * latentDim);
  }
  return { mu, logVar };
}

/** Writes the codes of an epoch: `indices`, `mu` and, where there is a posterior, `log_var`. */
export async function writeSnapshot(
  folder: string,
  epoch: number,
  indices: Uint32Array,
  { mu, logVar }: Posteriors,
): Promise<void> {
  const latentDim = mu.length / indices.length;
  const shape = [indices.length, latentDim];
  const tensors = new Map<string, AnyTensor>([
    ['indices', { shape: [indices.length], data: Int32Array.from(indices) }],
    ['mu', { shape, data: mu }],
  ]);
  if (logVar.length) tensors.set('log_var', { shape, data: logVar });
  await writeSafetensors(snapshotFile(folder, epoch), tensors);
}
