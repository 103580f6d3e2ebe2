import { klPerDimension } from '../losses/kl.ts';
import {
  reparametrise,
  splitPosterior,
  throughSampling,
  zeroGradients,
  type LatentPenalty,
  type PosteriorBatch,
} from '../losses/posterior.ts';
import type { GradientSink } from '../models/layers/layer.ts';
import type { TrainingModel } from '../models/training-model.ts';
import * as ops from '../tensorflow/operations.ts';
import { free, scalar } from '../tensorflow/tensors.ts';
import { inOne } from './in-one.ts';
import type { ImageDiscriminator } from './image-discriminator.ts';
import type { StepInput, StepResult } from './step.ts';

/** What plays in a VAE-GAN beside the model. */
export interface Game {
  readonly discriminator: ImageDiscriminator;
  /** λ: what the discriminator's verdict weighs for the decoder. */
  readonly lambda: number;
  readonly penalty: LatentPenalty;
  /** Codes of the prior whose pictures are judged too, `[batch, latentDim]`. */
  readonly prior: Float32Array;
}

/** Where the gradients go. */
export interface GameSinks {
  readonly encoder: GradientSink;
  readonly decoder: GradientSink;
}

/**
 * One step of VAE-GAN's encoder and decoder (Larsen et al. 2016, algorithm 1): the encoder goes by the error of
 * features and KL, the decoder by the error of features and the discriminator's verdict. Larsen et al. weigh the
 * error by γ instead of the verdict by λ = 1/γ: here it is the verdict's weight that is away from 1, so that error and
 * KL stand in nats. The discriminator learns apart from this.
 *
 * Terms: `reconstruction` is the error of features, `adversarial` the verdict; `discriminator`, what the
 * discriminator pays itself, is there to be seen and weighs nothing.
 */
export function adversarialStep(
  model: TrainingModel,
  { discriminator, lambda, penalty, prior }: Game,
  { images, condition, batch, noise, datasetSize, step, totalSteps }: StepInput,
  sinks: GameSinks,
): StepResult {
  const { latentDim } = model.spec.shape;
  const { mu, logVar } = splitPosterior(model.encode(images, batch, { condition }), batch, latentDim);
  const z = reparametrise(mu, logVar, noise);
  const made = model.reconstruct(inOne(z, prior), 2 * batch, {
    condition: condition && inOne(condition, condition),
  });
  const { verdict, featureError, featureGradient, adversarialGradient } = discriminator.judge(
    model.images,
    made.output,
    batch,
  );

  const posterior: PosteriorBatch = { batch, latentDim, mu, logVar, z, datasetSize, step, totalSteps };
  const gradients = zeroGradients(posterior);
  const { terms, weighted } = penalty.evaluate(posterior, gradients);

  // The encoder hears of the features only, the decoder of both at once.
  const forEncoder = { gradient: ops.identity(featureGradient), in: 'output' } as const;
  const dz = model.backwardDecoder(made, forEncoder, undefined, true);
  if (verdict.trainsDecoder) {
    const weight = scalar(lambda);
    const weighed = ops.multiply(adversarialGradient, weight);
    const forDecoder = { gradient: ops.add(featureGradient, weighed), in: 'output' } as const;
    free(weight, weighed);
    model.backwardDecoder(made, forDecoder, sinks.decoder);
  } else {
    model.forgetReconstruction(made);
  }
  free(featureGradient, adversarialGradient);
  model.backwardEncoder(
    throughSampling(posterior, gradients, dz.subarray(0, batch * latentDim)),
    batch,
    sinks.encoder,
  );

  const { adversarial } = verdict;
  return {
    loss: {
      total: featureError + weighted + lambda * adversarial,
      terms: { reconstruction: featureError, ...terms, adversarial, discriminator: verdict.discriminator },
    },
    klPerDimension: klPerDimension(mu, logVar, latentDim),
    codes: z,
    distance: featureError,
  };
}
