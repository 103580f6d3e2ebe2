import { klPenalty } from './kl.ts';
import type { LatentPenalty, PosteriorBatch, PosteriorGradients } from './posterior.ts';

/** The weights of DIP-VAE's two terms. */
export interface DipWeights {
  /** λ_od: weight of the squared covariances between dimensions. */
  readonly offDiagonal: number;
  /** λ_d: weight of the squared distances of the variances from 1. */
  readonly diagonal: number;
  /**
   * The covariance whose distance from the identity is penalised. `I`: that of mu over the images; `II`: that of z,
   * which adds the mean posterior variance to the diagonal.
   */
  readonly kind: 'I' | 'II';
}

/**
 * KL + λ_od·Σ_{i≠j} C_ij² + λ_d·Σ_i (C_ii − 1)², DIP-VAE's penalty (Kumar et al. 2018, eq. 6 and 7): penalises the
 * distance of the aggregate posterior's covariance C from the prior's, the identity. C is estimated from the batch,
 * with 1/M.
 */
export function dipPenalty({ offDiagonal, diagonal, kind }: DipWeights): LatentPenalty {
  const kl = klPenalty(1);
  return {
    evaluate(posterior, gradients) {
      const { terms, weighted } = kl.evaluate(posterior, gradients);
      const covariance = covarianceOf(posterior, kind);
      const { latentDim } = posterior;
      let [between, within] = [0, 0];
      // The penalty's derivative in C, which is symmetric.
      const slope = new Float64Array(covariance.length);
      for (let i = 0; i < latentDim; i++) {
        for (let j = 0; j < latentDim; j++) {
          const k = i * latentDim + j;
          if (i === j) {
            within += (covariance[k]! - 1) ** 2;
            slope[k] = 2 * diagonal * (covariance[k]! - 1);
          } else {
            between += covariance[k]! ** 2;
            slope[k] = 2 * offDiagonal * covariance[k]!;
          }
        }
      }
      addGradients(posterior, kind, slope, gradients);
      return {
        terms: { ...terms, offDiagonal: between, diagonal: within },
        weighted: weighted + offDiagonal * between + diagonal * within,
      };
    },
  };
}

/** mu minus its mean over the batch. */
function centred({ batch, latentDim, mu }: PosteriorBatch): Float64Array {
  const mean = new Float64Array(latentDim);
  for (let i = 0; i < mu.length; i++) mean[i % latentDim]! += mu[i]! / batch;
  return Float64Array.from(mu, (value, i) => value - mean[i % latentDim]!);
}

/** `[latentDim, latentDim]`. */
function covarianceOf(posterior: PosteriorBatch, kind: DipWeights['kind']): Float64Array {
  const { batch, latentDim, logVar } = posterior;
  const distance = centred(posterior);
  const covariance = new Float64Array(latentDim * latentDim);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < latentDim; i++) {
      const scaled = distance[n * latentDim + i]! / batch;
      for (let j = 0; j < latentDim; j++) {
        covariance[i * latentDim + j]! += scaled * distance[n * latentDim + j]!;
      }
      if (kind === 'II') covariance[i * latentDim + i]! += Math.exp(logVar[n * latentDim + i]!) / batch;
    }
  }
  return covariance;
}

/**
 * Adds the gradients in mu and logVar from the derivative in C. The derivative through the mean is zero, because
 * the distances sum to zero.
 */
function addGradients(
  posterior: PosteriorBatch,
  kind: DipWeights['kind'],
  slope: Float64Array,
  gradients: PosteriorGradients,
): void {
  const { batch, latentDim, logVar } = posterior;
  const distance = centred(posterior);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < latentDim; i++) {
      let sum = 0;
      for (let j = 0; j < latentDim; j++) sum += slope[i * latentDim + j]! * distance[n * latentDim + j]!;
      const k = n * latentDim + i;
      gradients.mu[k]! += (2 * sum) / batch;
      if (kind === 'II') gradients.logVar[k]! += (slope[i * latentDim + i]! * Math.exp(logVar[k]!)) / batch;
    }
  }
}
