import type { TrainingConfig } from '../../contract/run.ts';
import type { SharpeningWeights } from '../../contract/sharpening.ts';
import type { ModelSpec } from '../models/architecture.ts';
import type { TrainingModel } from '../models/training-model.ts';
import type { Statistics, Weights } from '../models/weights.ts';
import type { Companion } from './companion.ts';
import type { StepInput, StepResult } from './step.ts';

/** The part of a config that determines how a model is trained. */
export type LearnerConfig = Pick<
  TrainingConfig,
  'objective' | 'decoder' | 'precision' | 'learningRate' | 'optimiser' | 'seed'
> & {
  /** If the decoder alone is trained, to be sharper. */
  readonly sharpening?: SharpeningWeights | undefined;
};

/** The state from which a training starts, as in a checkpoint. */
export interface LearnerStart {
  /** The weights that the model is evaluated with. */
  readonly weights: Weights;
  /** The weights that the training goes on with, where `weights` are their moving average. */
  readonly trained?: Weights | undefined;
  /** Means and variances for inference, which a sharpening needs for its encoder. */
  readonly statistics?: Statistics;
  /** Adam's moments; undefined before the first step. */
  readonly moments: Weights | undefined;
  /** The companions' weights, and their moments if they were trained before. */
  readonly companions?: Weights;
}

/** The arguments for making a strategy. */
export interface StrategyParts {
  readonly spec: ModelSpec;
  readonly model: TrainingModel;
  readonly config: LearnerConfig;
  readonly start: LearnerStart;
}

/** An encoder that a training does not change. */
export interface FrozenEncoder {
  /** Its batch norms' statistics. */
  readonly statistics: Statistics;
  /** The codes that the decoder is trained on, `[batch, latentDim]`. */
  codes(images: Uint8Array, batch: number, condition: Float32Array | undefined): Float32Array;
}

/** How a model's weights are trained: its loss and its optimisers. */
export interface TrainingStrategy {
  /**
   * Networks and parameters that are trained with the model. Each is updated after every step, from that step's
   * results.
   */
  readonly companions: readonly Companion[];
  /** The current σ² of a decoder whose variance is learned. */
  readonly decoderVariance: number | undefined;
  /** Left out if the encoder is trained too. */
  readonly encoder?: FrozenEncoder;
  /** One update of the model's weights. */
  step(input: StepInput): StepResult;
  /** A copy of the optimisers' moments. */
  moments(): Weights;
  dispose(): void;
}
