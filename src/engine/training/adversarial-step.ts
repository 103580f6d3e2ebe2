import { gaussianLikelihood } from '../losses/gaussian.ts';
import { klPerDimension } from '../losses/kl.ts';
import type { Decoded } from '../losses/likelihood.ts';
import {
  reparametrise,
  splitPosterior,
  backpropagateSampling,
  zeroGradients,
  type LatentPenalty,
  type PosteriorBatch,
} from '../losses/posterior.ts';
import { elements } from '../models/weights.ts';
import type { GradientSink } from '../models/layers/layer.ts';
import type { TrainingModel } from '../models/training-model.ts';
import * as ops from '../tensorflow/operations.ts';
import { download, free, scalar, upload, type Tensor } from '../tensorflow/tensors.ts';
import { inOne } from './in-one.ts';
import type { ImageDiscriminator, Shift } from './image-discriminator.ts';
import type { StepInput, StepResult } from './step.ts';

/** The arguments of an adversarial step besides the model. */
export interface AdversarialParts {
  readonly discriminator: ImageDiscriminator;
  /** α: the weight of the squared error of pixels; Larsen et al. have no such term. */
  readonly alpha: number;
  /** λ: the weight of the adversarial loss in the decoder's loss. */
  readonly lambda: number;
  readonly penalty: LatentPenalty;
  /** Samples of the prior, whose decoded images the discriminator also classifies, `[batch, latentDim]`. */
  readonly prior: Float32Array;
  /** How far the pictures are shifted before the discriminator classifies them. */
  readonly shift: Shift;
}

/** Receivers of the gradients. */
export interface AdversarialSinks {
  readonly encoder: GradientSink;
  readonly decoder: GradientSink;
}

/**
 * One step of VAE-GAN's encoder and decoder (Larsen et al. 2016, algorithm 1). The encoder's loss is the error of
 * features and KL, the decoder's the error of features and the adversarial loss. Larsen et al. multiply the error
 * by γ; here the adversarial loss is multiplied by λ = 1/γ instead, so that error and KL are in nats. The
 * discriminator is updated separately.
 *
 * The error of features hardly depends on patterns of single pixels, which a decoder with strided convolutions
 * easily produces. The squared error of pixels, with weight α, penalises them.
 *
 * Terms: `reconstruction` is the error of pixels, `features` that of features, `adversarial` the decoder's
 * adversarial loss. `discriminator`, the discriminator's own loss, is reported and has no weight.
 */
export function adversarialStep(
  model: TrainingModel,
  { discriminator, alpha, lambda, penalty, prior, shift }: AdversarialParts,
  { images, condition, batch, noise, datasetSize, step, totalSteps }: StepInput,
  sinks: AdversarialSinks,
): StepResult {
  const { latentDim } = model.spec.shape;
  const { mu, logVar } = splitPosterior(model.encode(images, batch, { condition }), batch, latentDim);
  const z = reparametrise(mu, logVar, noise);
  const made = model.reconstruct(inOne(z, prior), 2 * batch, {
    condition: condition && inOne(condition, condition),
  });
  const { losses, featureError, featureGradient, adversarialGradient } = discriminator.compare(
    model.images,
    made.output,
    batch,
    shift,
  );

  const pixels = comparePixels(model, made, batch, alpha);
  const errorGradient = ops.add(featureGradient, pixels.gradient);
  free(featureGradient, pixels.gradient);

  const posterior: PosteriorBatch = { batch, latentDim, mu, logVar, z, datasetSize, step, totalSteps };
  const gradients = zeroGradients(posterior);
  const { terms, weighted } = penalty.evaluate(posterior, gradients);

  // The encoder's gradient comes from the errors only, the decoder's also from the adversarial loss.
  const forEncoder = { gradient: ops.identity(errorGradient), in: 'output' } as const;
  const dz = model.backwardDecoder(made, forEncoder, undefined, true);
  if (losses.trainsDecoder) {
    const weight = scalar(lambda);
    const weighed = ops.multiply(adversarialGradient, weight);
    const forDecoder = { gradient: ops.add(errorGradient, weighed), in: 'output' } as const;
    free(weight, weighed);
    model.backwardDecoder(made, forDecoder, sinks.decoder);
  } else {
    model.forgetReconstruction(made);
  }
  free(errorGradient, adversarialGradient);
  model.backwardEncoder(
    backpropagateSampling(posterior, gradients, dz.subarray(0, batch * latentDim)),
    batch,
    sinks.encoder,
  );

  const { adversarial } = losses;
  return {
    loss: {
      total: featureError + alpha * pixels.error + weighted + lambda * adversarial,
      terms: {
        reconstruction: pixels.error,
        features: featureError,
        ...terms,
        adversarial,
        discriminator: losses.discriminator,
      },
    },
    klPerDimension: klPerDimension(mu, logVar, latentDim),
    codes: z,
    distance: pixels.error / 2,
  };
}

/**
 * ‖x − x̃‖² of reconstructions, and α times its gradient in reconstructions and samples (zero for samples).
 *
 * @param made - `[2·batch, size, size, channels]`, reconstructions first
 */
function comparePixels(
  { spec, images }: TrainingModel,
  { logits, output }: Decoded,
  batch: number,
  alpha: number,
): { error: number; gradient: Tensor } {
  const { imageSize, channels } = spec.shape;
  const shape = [batch, imageSize, imageSize, channels];
  const reconstructions = ops.rows(output, 0, shape);
  const likelihood = gaussianLikelihood();
  const { distance, gradient: slope } = likelihood.compare(
    { logits, output: reconstructions },
    images,
    batch,
  );
  const weight = scalar(alpha);
  const weighed = ops.multiply(slope, weight);
  const none = upload(shape, new Float32Array(elements(shape)));
  const gradient = ops.concat([weighed, none], 0);
  const error = likelihood.nats(download(distance)[0]! / batch, imageSize * imageSize * channels);
  free(reconstructions, distance, slope, weight, weighed, none);
  return { error, gradient };
}
