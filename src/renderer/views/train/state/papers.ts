import type { TrainingConfig } from '../../../../contract/run.ts';

/** The paper's four models, in its order. */
export const MODELS = ['ae', 'vae', 'beta-vae', 'beta-tcvae'] as const;
export type PaperModel = (typeof MODELS)[number];

/** Everything but the objective, as the paper has it, with five images in a hundred held out. */
export const PAPERS_SETTINGS: Omit<TrainingConfig, 'objective'> = {
  architecture: 'paper',
  latentDim: 32,
  epochs: 30,
  batchSize: 128,
  learningRate: 1e-4,
  precision: 'full',
  seed: 1,
  heldOutFraction: 0.05,
  checkpointEverySteps: 0,
};

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
