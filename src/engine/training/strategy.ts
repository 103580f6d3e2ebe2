import type { TrainingConfig } from '../../contract/run.ts';
import type { ModelSpec } from '../models/architecture.ts';
import type { TrainingModel } from '../models/training-model.ts';
import type { Weights } from '../models/weights.ts';
import type { Companion } from './companion.ts';
import type { StepInput, StepResult } from './step.ts';

/** The part of a config that determines how a model is trained. */
export type LearnerConfig = Pick<
  TrainingConfig,
  'objective' | 'decoder' | 'precision' | 'learningRate' | 'optimiser' | 'seed'
>;

/** The state from which a training starts, as in a checkpoint. */
export interface LearnerStart {
  /** The weights that the model is evaluated with. */
  readonly weights: Weights;
  /** The weights that the training goes on with, where `weights` are their moving average. */
  readonly trained?: Weights | undefined;
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

/** How a model's weights are trained: its loss and its optimisers. */
export interface TrainingStrategy {
  /**
   * Networks and parameters that are trained with the model. Each is updated after every step, from that step's
   * results.
   */
  readonly companions: readonly Companion[];
  /** The current σ² of a decoder whose variance is learned. */
  readonly decoderVariance: number | undefined;
  /** One update of the model's weights. */
  step(input: StepInput): StepResult;
  /** A copy of the optimisers' moments. */
  moments(): Weights;
  dispose(): void;
}
