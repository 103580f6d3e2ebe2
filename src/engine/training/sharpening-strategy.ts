import type { SharpeningWeights } from '../../contract/sharpening.ts';
import { createRandom } from '../basics/random.ts';
import { klPerDimension } from '../losses/kl.ts';
import { splitPosterior } from '../losses/posterior.ts';
import { planPatchDiscriminator } from '../models/companions.ts';
import { EncoderFeatures } from '../models/encoder-features.ts';
import { FrozenNetworks } from '../models/frozen-networks.ts';
import type { TrainingModel } from '../models/training-model.ts';
import type { Weights } from '../models/weights.ts';
import { Dtype } from '../tensorflow/tensors.ts';
import { Adam } from './adam.ts';
import type { Companion } from './companion.ts';
import { drawShift } from './image-discriminator.ts';
import { PatchDiscriminator } from './patch-discriminator.ts';
import { sharpeningStep } from './sharpening-step.ts';
import type { StepInput, StepResult } from './step.ts';
import type { FrozenEncoder, StrategyParts, TrainingStrategy } from './strategy.ts';

/** The part of the training in which the discriminator's weight rises, and the most steps that this takes. */
const WARM_UP = 0.2;
const MOST_WARM_UP_STEPS = 500;

/**
 * Trains a decoder further, for sharper pictures of the same codes. The encoder stays as it was, with its statistics:
 * codes are mu (an AE's code) as the model is evaluated with, computed by the very networks of the inference.
 */
export class SharpeningStrategy implements TrainingStrategy {
  readonly companions: readonly Companion[];
  readonly decoderVariance = undefined;
  readonly encoder: FrozenEncoder;
  readonly #model: TrainingModel;
  readonly #networks: FrozenNetworks;
  readonly #features: EncoderFeatures;
  readonly #discriminator: PatchDiscriminator;
  readonly #adam: Adam;
  readonly #weights: SharpeningWeights;
  readonly #seed: number;

  constructor({ spec, model, config, start }: StrategyParts, weights: SharpeningWeights) {
    const { learningRate, optimiser, seed, precision } = config;
    const { weights: evaluated, statistics } = start;
    if (statistics === undefined) throw new Error('A sharpening needs the statistics of its model.');
    const { imageSize, channels } = spec.shape;
    const compute = precision === 'mixed' ? Dtype.bfloat16 : Dtype.float;
    this.#model = model;
    this.#networks = new FrozenNetworks(spec, evaluated, statistics);
    this.#features = new EncoderFeatures(spec, evaluated, statistics, compute);
    // Adversarial training of a decoder is more stable with less momentum (Radford et al. 2016).
    this.#adam = new Adam(model.parts.decoder, { learningRate, ...optimiser, beta1: 0.5 }, start.moments);
    const plan = planPatchDiscriminator(imageSize, channels);
    this.#discriminator = new PatchDiscriminator(plan, start.companions ?? new Map(), learningRate, compute);
    this.companions = [this.#discriminator];
    this.#weights = weights;
    this.#seed = seed;
    this.encoder = {
      statistics: new Map([...statistics].filter(([name]) => !name.startsWith('decoder.'))),
      codes: (images, batch, condition) => this.#posterior(images, batch, condition).mu,
    };
  }

  step({ images, condition, batch, step, totalSteps, rateFactor }: StepInput): StepResult {
    const { latentDim, variational } = this.#model.spec.shape;
    const { mu, logVar } = this.#posterior(images, batch, condition);
    const samples = variational
      ? createRandom(this.#seed, 'prior', step).fillNormal(new Float32Array(mu.length))
      : undefined;
    const warmUp = Math.max(1, Math.min(MOST_WARM_UP_STEPS, WARM_UP * totalSteps));
    const { adversarial, perceptual } = this.#weights;
    this.#adam.begin(step + 1, rateFactor);
    const loss = sharpeningStep(
      this.#model,
      {
        discriminator: this.#discriminator,
        features: this.#features,
        weights: { perceptual, adversarial: adversarial * Math.min(1, (step + 1) / warmUp) },
        samples,
        shift: drawShift(this.#seed, step),
      },
      { images, codes: mu, condition, batch },
      this.#adam.update,
    );
    this.#adam.end();
    const { pixels, features, discriminator } = loss;
    return {
      loss: {
        total: loss.total,
        terms: { reconstruction: pixels, features, adversarial: loss.adversarial, discriminator },
      },
      klPerDimension: variational ? klPerDimension(mu, logVar, latentDim) : new Float64Array(latentDim),
      codes: mu,
      distance: pixels / 2,
    };
  }

  moments(): Weights {
    return this.#adam.moments();
  }

  dispose(): void {
    this.#adam.dispose();
    this.#networks.dispose();
    this.#features.dispose();
    for (const companion of this.companions) companion.dispose();
  }

  #posterior(
    images: Uint8Array,
    batch: number,
    condition: Float32Array | undefined,
  ): { mu: Float32Array; logVar: Float32Array } {
    const { latentDim } = this.#model.spec.shape;
    return splitPosterior(this.#networks.encode(images, batch, condition), batch, latentDim);
  }
}
