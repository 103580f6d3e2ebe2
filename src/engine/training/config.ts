import type { Objective, TrainingConfig } from '../../contract/run.ts';

/** The paper's settings for an objective, with five images in a hundred held out. */
export function defaultConfig(objective: Objective): TrainingConfig {
  return {
    objective,
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
}
