import type { Random } from '../basics/random.ts';
import { klPenalty } from './kl.ts';
import type { LatentPenalty } from './posterior.ts';

/**
 * Estimates the density ratio of the aggregate posterior q(z) and the product of its marginals Πₗ q(zₗ), by a
 * discriminator.
 */
export interface DensityRatioEstimator {
  /**
   * @param z - `[batch, latentDim]`
   * @returns `logRatio`, log D(z)/(1 − D(z)) of each code, an estimate of log q(z)/Πₗ q(zₗ), `[batch]`; and its
   * `gradient` in the codes, `[batch, latentDim]`
   */
  estimate(
    z: Float32Array,
    batch: number,
  ): { readonly logRatio: ArrayLike<number>; readonly gradient: ArrayLike<number> };
}

/**
 * KL + γ·TC, FactorVAE's penalty (Kim & Mnih 2018, eq. 2 and 3): the total correlation is estimated from the
 * density ratio of a discriminator, TC = E log D(z)/(1 − D(z)). The discriminator is trained separately.
 */
export function factorPenalty(gamma: number, densityRatio: DensityRatioEstimator): LatentPenalty {
  const kl = klPenalty(1);
  return {
    evaluate(posterior, gradients) {
      const { terms, weighted } = kl.evaluate(posterior, gradients);
      const { batch, z } = posterior;
      const { logRatio, gradient } = densityRatio.estimate(z, batch);
      let totalCorrelation = 0;
      for (let i = 0; i < batch; i++) totalCorrelation += logRatio[i]! / batch;
      for (let i = 0; i < z.length; i++) gradients.z[i]! += (gamma / batch) * gradient[i]!;
      return { terms: { ...terms, totalCorrelation }, weighted: weighted + gamma * totalCorrelation };
    },
  };
}

/**
 * Permutes the values of each dimension within the batch independently, which turns samples of q(z) into samples of
 * Πₗ q(zₗ) (Kim & Mnih 2018, algorithm 1).
 *
 * @param z - `[batch, latentDim]`
 */
export function permuteDimensions(z: Float32Array, latentDim: number, random: Random): Float32Array {
  const batch = z.length / latentDim;
  const permuted = new Float32Array(z.length);
  for (let l = 0; l < latentDim; l++) {
    const order = random.permutation(batch);
    for (let i = 0; i < batch; i++) permuted[i * latentDim + l] = z[order[i]! * latentDim + l]!;
  }
  return permuted;
}
