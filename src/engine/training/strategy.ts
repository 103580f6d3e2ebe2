import type { TrainingConfig } from '../../contract/run.ts';
import type { ModelSpec } from '../models/architecture.ts';
import type { TrainingModel } from '../models/training-model.ts';
import type { Weights } from '../models/weights.ts';
import type { Companion } from './companion.ts';
import type { StepInput, StepResult } from './step.ts';

/** The part of a config that says how a model is trained. */
export type LearnerConfig = Pick<
  TrainingConfig,
  'objective' | 'decoder' | 'precision' | 'learningRate' | 'seed'
>;

/** The state that a training starts from, as a checkpoint holds it. */
export interface LearnerStart {
  readonly weights: Weights;
  /** Adam's moments; undefined before the first step. */
  readonly moments: Weights | undefined;
  /** The weights of what is trained beside the model, and its moments where it was trained already. */
  readonly companions?: Weights;
}

/** Everything that a strategy is made from. */
export interface StrategyParts {
  readonly spec: ModelSpec;
  readonly model: TrainingModel;
  readonly config: LearnerConfig;
  readonly start: LearnerStart;
}

/** How a model's weights are trained: its loss and its optimisers. */
export interface TrainingStrategy {
  /** What is trained beside the model. It makes its own update after each step, from that step's results. */
  readonly companions: readonly Companion[];
  /** The present σ² of a decoder whose variance is trained. */
  readonly decoderVariance: number | undefined;
  /** One update of the model's weights. */
  step(input: StepInput): StepResult;
  /** A copy of the optimisers' moments. */
  moments(): Weights;
  dispose(): void;
}
