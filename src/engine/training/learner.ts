import { descriptorOf, isVariational } from '../../contract/run.ts';
import type { ModelSpec } from '../models/architecture.ts';
import { TrainingModel } from '../models/training-model.ts';
import type { Statistics, Weights } from '../models/weights.ts';
import { createRandom } from '../basics/random.ts';
import { freeOnFailure } from '../tensorflow/tensors.ts';
import { WeightAverage } from './weight-average.ts';
import { AdversarialStrategy } from './adversarial-strategy.ts';
import { LikelihoodStrategy } from './likelihood-strategy.ts';
import { SharpeningStrategy } from './sharpening-strategy.ts';
import { measureStatistics, type StatisticsBatch } from './statistics.ts';
import type { StepInput, StepResult } from './step.ts';
import type { LearnerConfig, LearnerStart, StrategyParts, TrainingStrategy } from './strategy.ts';

/** A model in training by an objective, with its companions. */
export class Learner {
  readonly model: TrainingModel;
  readonly #strategy: TrainingStrategy;
  readonly #seed: number;
  /** Whether the decoder is also trained on samples of the prior. */
  readonly #decodesSamples: boolean;
  readonly #average: WeightAverage | undefined;

  constructor(spec: ModelSpec, config: LearnerConfig, start: LearnerStart) {
    this.#seed = config.seed;
    this.#decodesSamples = config.sharpening
      ? isVariational(config.objective)
      : descriptorOf(config.objective.model).discriminator === 'images';
    const { averageDecay } = config.optimiser ?? {};
    [this.model, this.#strategy, this.#average] = freeOnFailure(() => {
      const model = new TrainingModel(spec, start.trained ?? start.weights, config.precision);
      const parts = { spec, model, config, start };
      return [
        model,
        strategyFor(parts),
        averageDecay === undefined
          ? undefined
          : new WeightAverage(model.variables, averageDecay, start.weights),
      ];
    });
  }

  /** The current σ² of a decoder whose variance is learned. */
  get decoderVariance(): number | undefined {
    return this.#strategy.decoderVariance;
  }

  /**
   * Trains the model and its companions for one step. The same input gives the same result, bit for bit on a CPU. A
   * step that fails is not undone, but all its tensors are freed.
   */
  step(input: Omit<StepInput, 'noise'>): StepResult {
    const { batch, step, rateFactor } = input;
    const { latentDim, imageSize, channels } = this.model.spec.shape;
    const noise = createRandom(this.#seed, 'noise', step).fillNormal(new Float32Array(batch * latentDim));
    return freeOnFailure(() => {
      const result = this.#strategy.step({ ...input, noise });
      const { codes, distance } = result;
      const lesson = {
        codes,
        distance,
        numbers: imageSize * imageSize * channels,
        seed: this.#seed,
        step,
        rateFactor,
      };
      for (const companion of this.#strategy.companions) companion.learn(lesson);
      this.#average?.follow(step);
      return result;
    });
  }

  /**
   * Runs work on the model as it is evaluated: with the moving average of its weights, where there is one, and otherwise
   * with its weights.
   */
  evaluating<T>(work: (model: TrainingModel) => T): T {
    return this.#average ? this.#average.inPlace(() => work(this.model)) : work(this.model);
  }

  /** Measures the statistics of batch norms, with the weights that the model is evaluated with. */
  measureStatistics(batches: readonly StatisticsBatch[], batch: number): Statistics {
    const options = { withPrior: this.#decodesSamples, encoder: this.#strategy.encoder };
    return this.evaluating((model) => measureStatistics(model, batches, batch, this.#seed, options));
  }

  /** A copy of the weights that the training goes on with, where the model is evaluated with others. */
  trained(): Weights | undefined {
    return this.#average && this.model.weights();
  }

  /** A copy of the optimisers' moments. */
  moments(): Weights {
    return this.#strategy.moments();
  }

  /** A copy of the companions' weights and moments. */
  companions(): Weights {
    return new Map(this.#strategy.companions.flatMap((companion) => [...companion.state()]));
  }

  dispose(): void {
    this.#average?.dispose();
    this.#strategy.dispose();
    this.model.dispose();
  }
}

function strategyFor(parts: StrategyParts): TrainingStrategy {
  const { sharpening, objective } = parts.config;
  if (sharpening) return new SharpeningStrategy(parts, sharpening);
  const isAdversarial = descriptorOf(objective.model).discriminator === 'images';
  return isAdversarial ? new AdversarialStrategy(parts) : new LikelihoodStrategy(parts);
}
