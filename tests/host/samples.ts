import type { Recipe } from '../../src/contract/recipe.ts';
import type { RunInfo, TrainingConfig } from '../../src/contract/run.ts';

/** A small training, as a form would ask for it. */
export const smallConfig: TrainingConfig = {
  objective: { model: 'vae' },
  architecture: 'burgess',
  latentDim: 10,
  epochs: 2,
  batchSize: 32,
  learningRate: 1e-3,
  precision: 'full',
  seed: 1,
  heldOutFraction: 0.05,
  checkpointEverySteps: 0,
};

/** A run that is done. */
export function aRun(id: string): RunInfo {
  return {
    version: 1,
    id,
    name: `The run ${id}`,
    created: '2026-01-01T00:00:00.000Z',
    state: 'done',
    dataset: { id: 'faces', name: 'Faces', images: 100 },
    config: smallConfig,
    imageSize: 64,
    channels: 3,
    epoch: 2,
    step: 20,
    versions: { unravel: '0.0.0', tensorflow: '2.21.0' },
  };
}

/** Of a GIF of two frames. */
export const recipe: Recipe = {
  kind: 'interpolation',
  version: 1,
  run: 'vae',
  frames: 2,
  fps: 10,
  pingPong: true,
  tileSizePx: 64,
  labels: false,
  layout: 'rows',
  theme: 'dark',
  start: [0, 0],
  end: [1, 1],
};
