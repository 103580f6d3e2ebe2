import type { TrainingConfig } from '../../../../contract/run.ts';

/** How the data are divided by a held-out fraction; as the engine does it. */
export function splitCounts(images: number, heldOutFraction: number): { train: number; heldOut: number } {
  const heldOut = Math.min(Math.max(1, Math.round(images * heldOutFraction)), 5000, Math.max(0, images - 1));
  return { train: images - heldOut, heldOut };
}

/** Steps of an epoch: the last, incomplete batch is left out; as the engine does it. */
export function stepsPerEpoch(images: number, { batchSize, heldOutFraction }: TrainingConfig): number {
  const { train } = splitCounts(images, heldOutFraction);
  return Math.max(1, Math.floor(train / Math.min(batchSize, Math.max(1, train))));
}
