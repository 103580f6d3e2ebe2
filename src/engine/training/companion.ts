import type { Weights } from '../models/weights.ts';

/** What a companion is trained on: a step of the model's training, as it was before the model's own update. */
export interface Lesson {
  /** z of the batch, `[batch, latentDim]`. */
  readonly codes: Float32Array;
  /** What the likelihood measured between pictures and reconstructions, averaged over the batch. */
  readonly distance: number;
  /** Pixels times channels of a picture. */
  readonly numbers: number;
  readonly seed: number;
  /** Steps of the training done before this one. */
  readonly step: number;
}

/** Something that is trained beside a model and is no part of it, with its own optimiser, such as a discriminator. */
export interface Companion {
  learn(lesson: Lesson): void;
  /** A copy of its weights and its optimiser's moments, by name, from which it can be made again. */
  state(): Weights;
  dispose(): void;
}
