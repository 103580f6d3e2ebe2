import type { LossTerms } from '../../contract/run.ts';
import { klPerDimension } from '../losses/kl.ts';
import {
  splitPosterior,
  reparametrise,
  zeroGradients,
  type LatentPenalty,
  type PosteriorBatch,
} from '../losses/posterior.ts';
import type { GradientSink } from '../models/layers/layer.ts';
import type { TrainingModel } from '../models/training-model.ts';
import { free } from '../tensorflow/tensors.ts';

/** What one step is made of. The same input gives the same result, bit for bit on a CPU. */
export interface StepInput {
  /** `[batch, size, size, channels]`, bytes. */
  readonly images: Uint8Array;
  readonly batch: number;
  /** ε, `[batch, latentDim]`, from N(0, 1). */
  readonly noise: Float32Array;
  /** N, the number of images trained on. */
  readonly datasetSize: number;
}

/** What one step tells. */
export interface StepResult {
  /** Unweighted terms and weighted total, nats per image. */
  readonly loss: LossTerms;
  /** KL of the batch per dimension, `[latentDim]`; zeros for an AE. */
  readonly klPerDimension: Float64Array;
}

/**
 * One step: encodes, samples, decodes, and hands the gradient of every weight to the sink.
 *
 * The loss is ‖x − x̂‖² + penalty, averaged over the batch; with VAE's penalty the negative ELBO of a Gaussian
 * decoder with variance ½ up to a constant (eq. 5 of the paper).
 *
 * @param penalty - undefined for an AE, whose z is its code
 */
export function trainingStep(
  model: TrainingModel,
  penalty: LatentPenalty | undefined,
  { images, batch, noise, datasetSize }: StepInput,
  sink: GradientSink,
): StepResult {
  const { latentDim } = model.spec.shape;
  const { mu, logVar } = splitPosterior(model.encode(images, batch), batch, latentDim);
  if (!penalty) {
    const reconstruction = model.reconstruct(mu, batch);
    model.backwardEncoder(model.backwardDecoder(reconstruction, batch, sink), batch, sink);
    const error = model.readError(reconstruction, batch);
    free(reconstruction.halfError);
    return {
      loss: { total: error, terms: { reconstruction: error } },
      klPerDimension: new Float64Array(latentDim),
    };
  }

  const z = reparametrise(mu, logVar, noise);
  const reconstruction = model.reconstruct(z, batch);
  const posterior: PosteriorBatch = { batch, latentDim, mu, logVar, z, datasetSize };
  const gradients = zeroGradients(posterior);
  const { terms, weighted } = penalty.evaluate(posterior, gradients);

  const dzOfDecoder = model.backwardDecoder(reconstruction, batch, sink);
  const dPosterior = new Float32Array(batch * 2 * latentDim);
  for (let i = 0; i < batch; i++) {
    for (let l = 0; l < latentDim; l++) {
      const k = i * latentDim + l;
      const dz = dzOfDecoder[k]! + gradients.z[k]!;
      // z = mu + exp(½ logVar)·ε: dz reaches mu as it is and logVar times ½(z − mu).
      dPosterior[i * 2 * latentDim + l] = gradients.mu[k]! + dz;
      dPosterior[i * 2 * latentDim + latentDim + l] = gradients.logVar[k]! + 0.5 * dz * (z[k]! - mu[k]!);
    }
  }
  model.backwardEncoder(dPosterior, batch, sink);

  const error = model.readError(reconstruction, batch);
  free(reconstruction.halfError);
  return {
    loss: { total: error + weighted, terms: { reconstruction: error, ...terms } },
    klPerDimension: klPerDimension(mu, logVar, latentDim),
  };
}
