import type { Objective, TrainingConfig } from '../../../../contract/run.ts';

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

/** A model's weights in words: `β = 20`, and those of the others that are not the paper's. */
export function weightWords({ model, alpha, beta, gamma, lambda, capacity }: Objective): string {
  // As the paper has them, these two of a β-TCVAE are not worth a word.
  const isUsual = (weight: number | undefined): boolean => model === 'beta-tcvae' && weight === 1;
  const weights: [string, number | undefined][] = [
    ['β', beta],
    ['α', isUsual(alpha) ? undefined : alpha],
    ['γ', isUsual(gamma) ? undefined : gamma],
    ['λ', lambda],
    ['C', capacity],
  ];
  return weights
    .filter(([, weight]) => weight !== undefined)
    .map(([letter, weight]) => `${letter} = ${weight}`)
    .join(', ');
}

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
