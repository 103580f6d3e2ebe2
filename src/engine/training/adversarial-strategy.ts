import { weightsOf } from '../../contract/run.ts';
import { penaltyOf } from '../losses/objectives.ts';
import type { LatentPenalty } from '../losses/posterior.ts';
import { planImageDiscriminator } from '../models/companions.ts';
import type { TrainingModel } from '../models/training-model.ts';
import type { Weights } from '../models/weights.ts';
import { createRandom } from '../basics/random.ts';
import { Adam } from './adam.ts';
import { adversarialStep } from './adversarial-step.ts';
import type { Companion } from './companion.ts';
import { drawShift, ImageDiscriminator } from './image-discriminator.ts';
import type { StepInput, StepResult } from './step.ts';
import type { StrategyParts, TrainingStrategy } from './strategy.ts';

/**
 * Trains a model against a discriminator of images, with separate Adam optimisers for encoder, decoder and
 * discriminator.
 */
export class AdversarialStrategy implements TrainingStrategy {
  readonly companions: readonly Companion[];
  readonly decoderVariance = undefined;
  readonly #model: TrainingModel;
  readonly #encoder: Adam;
  readonly #decoder: Adam;
  readonly #discriminator: ImageDiscriminator;
  readonly #penalty: LatentPenalty;
  readonly #alpha: number;
  readonly #lambda: number;
  readonly #seed: number;

  constructor({ spec, model, config, start }: StrategyParts) {
    const { objective, learningRate, optimiser, seed } = config;
    const settings = { learningRate, ...optimiser };
    const { imageSize, channels } = spec.shape;
    this.#model = model;
    const { encoder, decoder } = model.parts;
    this.#encoder = new Adam(encoder, settings, start.moments);
    // Adversarial training of a decoder is more stable with less momentum (Radford et al. 2016).
    this.#decoder = new Adam(decoder, { ...settings, beta1: 0.5 }, start.moments);
    const plan = planImageDiscriminator(imageSize, channels);
    this.#discriminator = new ImageDiscriminator(plan, start.companions ?? new Map(), learningRate);
    this.companions = [this.#discriminator];
    this.#penalty = penaltyOf(objective)!;
    const { alpha = 0, lambda = 0 } = weightsOf(objective);
    this.#alpha = alpha;
    this.#lambda = lambda;
    this.#seed = seed;
  }

  step(input: StepInput): StepResult {
    const { step, noise, rateFactor } = input;
    const prior = createRandom(this.#seed, 'prior', step).fillNormal(new Float32Array(noise.length));
    for (const adam of [this.#encoder, this.#decoder]) adam.begin(step + 1, rateFactor);
    const result = adversarialStep(
      this.#model,
      {
        discriminator: this.#discriminator,
        alpha: this.#alpha,
        lambda: this.#lambda,
        penalty: this.#penalty,
        prior,
        shift: drawShift(this.#seed, step),
      },
      input,
      { encoder: this.#encoder.update, decoder: this.#decoder.update },
    );
    for (const adam of [this.#encoder, this.#decoder]) adam.end();
    return result;
  }

  moments(): Weights {
    return new Map([...this.#encoder.moments(), ...this.#decoder.moments()]);
  }

  dispose(): void {
    this.#encoder.dispose();
    this.#decoder.dispose();
    for (const companion of this.companions) companion.dispose();
  }
}
