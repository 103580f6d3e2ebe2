import type { Weights } from '../models/weights.ts';

/** The results of a training step before the model's update, on which a companion is trained. */
export interface Lesson {
  /** z of the batch, `[batch, latentDim]`. */
  readonly codes: Float32Array;
  /** The likelihood's distance between pictures and reconstructions, averaged over the batch. */
  readonly distance: number;
  /** Number of pixels times channels of a picture. */
  readonly numbers: number;
  readonly seed: number;
  /** Number of steps of the training before this one. */
  readonly step: number;
  /** What the learning rate of this step is multiplied by; 1 if left out. */
  readonly rateFactor?: number | undefined;
}

/**
 * A network or parameter that is trained with a model but is not part of it and has its own optimiser, such as a
 * discriminator.
 */
export interface Companion {
  learn(lesson: Lesson): void;
  /** A copy of its weights and its optimiser's moments, by name, from which it can be restored. */
  state(): Weights;
  dispose(): void;
}
