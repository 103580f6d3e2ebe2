import { join } from 'node:path';
import { writeSafetensors, type AnyTensor } from '../files/safetensors.ts';
import type { Posteriors } from '../inference/model.ts';
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
