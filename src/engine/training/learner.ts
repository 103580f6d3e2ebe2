import { discriminatorOf } from '../losses/objectives.ts';
import type { ModelSpec } from '../models/architecture.ts';
import { TrainingModel } from '../models/training-model.ts';
import type { Weights } from '../models/weights.ts';
import { createRandom } from '../basics/random.ts';
import { freeOnFailure } from '../tensorflow/tensors.ts';
import type { Course, LearnerConfig, LearnerStart } from './course.ts';
import { GameCourse } from './game-course.ts';
import { LikelihoodCourse } from './likelihood-course.ts';
import type { StepInput, StepResult } from './step.ts';

/** A model that learns by an objective, and everything that learns along with it. */
export class Learner {
  readonly model: TrainingModel;
  readonly #course: Course;
  readonly #seed: number;

  constructor(spec: ModelSpec, config: LearnerConfig, start: LearnerStart) {
    this.#seed = config.seed;
    [this.model, this.#course] = freeOnFailure(() => {
      const model = new TrainingModel(spec, start.weights, config.precision);
      const parts = { spec, model, config, start };
      const plays = discriminatorOf(config.objective.model) === 'images';
      return [model, plays ? new GameCourse(parts) : new LikelihoodCourse(parts)];
    });
  }

  /** σ² of a decoder that learns it, as it is. */
  get decoderVariance(): number | undefined {
    return this.#course.decoderVariance;
  }

  /**
   * One step of everything. The same input gives the same result, bit for bit on a CPU. A step that fails is not
   * undone, but leaves no tensors behind.
   */
  step(input: Omit<StepInput, 'noise'>): StepResult {
    const { batch, step } = input;
    const { latentDim, imageSize, channels } = this.model.spec.shape;
    const noise = createRandom(this.#seed, 'noise', step).fillNormal(new Float32Array(batch * latentDim));
    return freeOnFailure(() => {
      const result = this.#course.step({ ...input, noise });
      const { codes, distance } = result;
      const lesson = { codes, distance, numbers: imageSize * imageSize * channels, seed: this.#seed, step };
      for (const companion of this.#course.companions) companion.learn(lesson);
      return result;
    });
  }

  /** A copy of the optimisers' moments. */
  moments(): Weights {
    return this.#course.moments();
  }

  /** A copy of what learns along, weights and moments. */
  companions(): Weights {
    return new Map(this.#course.companions.flatMap((companion) => [...companion.state()]));
  }

  dispose(): void {
    this.#course.dispose();
    this.model.dispose();
  }
}
