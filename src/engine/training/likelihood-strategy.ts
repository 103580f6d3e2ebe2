import { descriptorOf } from '../../contract/run.ts';
import { learnsVariance, likelihoodOf } from '../losses/decoders.ts';
import { optimalVariance } from '../losses/gaussian.ts';
import type { Likelihood } from '../losses/likelihood.ts';
import { penaltyOf } from '../losses/objectives.ts';
import type { LatentPenalty } from '../losses/posterior.ts';
import { planCodeDiscriminator } from '../models/companions.ts';
import type { TrainingModel } from '../models/training-model.ts';
import type { Weights } from '../models/weights.ts';
import { Adam } from './adam.ts';
import { CodeDiscriminator } from './code-discriminator.ts';
import type { Companion } from './companion.ts';
import { LearnedVariance } from './learned-variance.ts';
import { trainingStep, type StepInput, type StepResult } from './step.ts';
import type { StrategyParts, TrainingStrategy } from './strategy.ts';

/** Trains a model by −log p(x|z) and a penalty, with one Adam optimiser for all weights. */
export class LikelihoodStrategy implements TrainingStrategy {
  readonly companions: readonly Companion[];
  readonly #model: TrainingModel;
  readonly #adam: Adam;
  readonly #penalty: LatentPenalty | undefined;
  readonly #likelihood: Likelihood;
  readonly #variance: LearnedVariance | undefined;
  readonly #isOptimal: boolean;
  /** That of the last step. */
  #optimalVariance: number | undefined;

  constructor({ spec, model, config, start }: StrategyParts) {
    const { objective, decoder, learningRate, optimiser } = config;
    const { moments, companions: saved = new Map() } = start;
    this.#model = model;
    this.#adam = new Adam(model.variables, { learningRate, ...optimiser }, moments);
    const discriminator =
      descriptorOf(objective.model).discriminator === 'codes'
        ? new CodeDiscriminator(planCodeDiscriminator(spec.shape.latentDim), saved)
        : undefined;
    this.#isOptimal = decoder?.kind === 'gaussian-optimal';
    this.#variance = learnsVariance(decoder) ? new LearnedVariance(saved) : undefined;
    this.companions = [discriminator, this.#variance].filter((companion) => companion !== undefined);
    this.#penalty = penaltyOf(objective, discriminator ? { densityRatio: discriminator } : {});
    this.#likelihood = likelihoodOf(decoder, () => this.#variance!.variance);
  }

  get decoderVariance(): number | undefined {
    return this.#variance?.variance ?? this.#optimalVariance;
  }

  step(input: StepInput): StepResult {
    this.#adam.begin(input.step + 1, input.rateFactor);
    const result = trainingStep(this.#model, this.#penalty, input, this.#adam.update, this.#likelihood);
    this.#adam.end();
    if (!this.#isOptimal) return { ...result, decoderVariance: this.#variance?.variance };
    const { imageSize, channels } = this.#model.spec.shape;
    this.#optimalVariance = optimalVariance(result.distance, imageSize * imageSize * channels);
    return { ...result, decoderVariance: this.#optimalVariance };
  }

  moments(): Weights {
    return this.#adam.moments();
  }

  dispose(): void {
    this.#adam.dispose();
    for (const companion of this.companions) companion.dispose();
  }
}
