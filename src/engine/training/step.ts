import type { LossTerms } from '../../contract/run.ts';
import { gaussianLikelihood } from '../losses/gaussian.ts';
import { klPerDimension } from '../losses/kl.ts';
import type { Likelihood } from '../losses/likelihood.ts';
import {
  splitPosterior,
  reparametrise,
  backpropagateSampling,
  zeroGradients,
  type LatentPenalty,
  type PosteriorBatch,
} from '../losses/posterior.ts';
import type { GradientSink } from '../models/layers/layer.ts';
import type { TrainingModel } from '../models/training-model.ts';
import { download, free } from '../tensorflow/tensors.ts';

/** The input of one step. The same input gives the same result, bit for bit on a CPU. */
export interface StepInput {
  /** `[batch, size, size, channels]`, bytes. */
  readonly images: Uint8Array;
  /** The condition of a conditional model, `[batch, conditionWidth]`. */
  readonly condition?: Float32Array | undefined;
  readonly batch: number;
  /** ε, `[batch, latentDim]`, from N(0, 1). */
  readonly noise: Float32Array;
  /** N, the number of images trained on. */
  readonly datasetSize: number;
  /** Number of steps of the training before this one. */
  readonly step: number;
  /** Number of steps of the whole training, by which schedules of the objective go. */
  readonly totalSteps: number;
  /** What the learning rate is multiplied by in this step; 1 if left out. */
  readonly rateFactor?: number | undefined;
}

/** The result of one step. */
export interface StepResult {
  /** Unweighted terms and weighted total, nats per image. */
  readonly loss: LossTerms;
  /** KL of the batch per dimension, `[latentDim]`; zeros for a model without posteriors. */
  readonly klPerDimension: Float64Array;
  /** z of the batch, `[batch, latentDim]`. */
  readonly codes: Float32Array;
  /** The likelihood's distance, averaged over the batch. */
  readonly distance: number;
  /** σ² of this step, for a decoder whose variance is not fixed. */
  readonly decoderVariance?: number | undefined;
}

/**
 * Computes one step: encodes, samples, decodes, and passes the gradient of every weight to the sink.
 *
 * The loss is −log p(x|z) + penalty, averaged over the batch; with the paper's Gaussian of variance ½ and VAE's
 * penalty it is ‖x − x̂‖² + KL, the negative ELBO up to a constant (eq. 5 of the paper). The codes of a quantised model are
 * not sampled but replaced by its learned values.
 *
 * @param penalty - undefined for an AE, whose z is its code
 */
export function trainingStep(
  model: TrainingModel,
  penalty: LatentPenalty | undefined,
  { images, condition, batch, noise, datasetSize, step, totalSteps }: StepInput,
  sink: GradientSink,
  likelihood: Likelihood = gaussianLikelihood(),
): StepResult {
  const { latentDim, imageSize, channels } = model.spec.shape;
  const { mu, logVar } = splitPosterior(model.encode(images, batch, { condition }), batch, latentDim);
  const values = model.latentValues;
  const quantised = values?.quantise(mu);
  const z = quantised?.codes ?? (penalty ? reparametrise(mu, logVar, noise) : mu);
  const reconstruction = model.reconstruct(z, batch, { condition });
  const { distance, ...slope } = likelihood.compare(reconstruction, model.images, batch);

  let dPosterior: Float32Array;
  let penalised: ReturnType<LatentPenalty['evaluate']> = { terms: {}, weighted: 0 };
  if (penalty) {
    const posterior: PosteriorBatch = { batch, latentDim, mu, logVar, z, datasetSize, step, totalSteps };
    const gradients = zeroGradients(posterior);
    penalised = penalty.evaluate(posterior, gradients);
    const dz = model.backwardDecoder(reconstruction, slope, sink);
    if (values && quantised) {
      // Straight-through: the decoder's gradient is passed on as if nothing had been quantised (Bengio et al. 2013).
      dPosterior = dz.map((gradient, i) => gradient + gradients.mu[i]!);
      model.backwardValues(values.gather(gradients.z, quantised), sink);
    } else {
      dPosterior = backpropagateSampling(posterior, gradients, dz);
    }
  } else {
    dPosterior = model.backwardDecoder(reconstruction, slope, sink);
  }
  model.backwardEncoder(dPosterior, batch, sink);

  const measured = download(distance)[0]! / batch;
  free(distance);
  const error = likelihood.nats(measured, imageSize * imageSize * channels);
  return {
    loss: { total: error + penalised.weighted, terms: { reconstruction: error, ...penalised.terms } },
    klPerDimension: model.spec.shape.variational
      ? klPerDimension(mu, logVar, latentDim)
      : new Float64Array(latentDim),
    codes: z,
    distance: measured,
  };
}
