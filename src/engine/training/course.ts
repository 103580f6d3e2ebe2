import type { TrainingConfig } from '../../contract/run.ts';
import type { ModelSpec } from '../models/architecture.ts';
import type { TrainingModel } from '../models/training-model.ts';
import type { Weights } from '../models/weights.ts';
import type { Companion } from './companion.ts';
import type { StepInput, StepResult } from './step.ts';

/** What a config says of how a model learns. */
export type LearnerConfig = Pick<
  TrainingConfig,
  'objective' | 'decoder' | 'precision' | 'learningRate' | 'seed'
>;

/** What a learner starts from, as a checkpoint holds it. */
export interface LearnerStart {
  readonly weights: Weights;
  /** Adam's; undefined at the very start. */
  readonly moments: Weights | undefined;
  /** What learns along: its weights, and its moments where it has learned already. */
  readonly companions?: Weights;
}

/** Everything that a course is made of. */
export interface CourseParts {
  readonly spec: ModelSpec;
  readonly model: TrainingModel;
  readonly config: LearnerConfig;
  readonly start: LearnerStart;
}

/** The way in which a model's weights learn: its loss and its optimisers. */
export interface Course {
  /** What learns along; after each step, from what the step was. */
  readonly companions: readonly Companion[];
  /** σ² of a decoder that learns it, as it is. */
  readonly decoderVariance: number | undefined;
  /** One update of the model's weights. */
  step(input: StepInput): StepResult;
  /** A copy of the optimisers' moments. */
  moments(): Weights;
  dispose(): void;
}
