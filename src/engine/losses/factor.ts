import type { Random } from '../basics/random.ts';
import { klPenalty } from './kl.ts';
import type { LatentPenalty } from './posterior.ts';

/** Tells codes of the aggregate posterior q(z) from codes of its marginals' product Πₗ q(zₗ). */
export interface CodeCritic {
  /**
   * @param z - `[batch, latentDim]`
   * @returns `logRatio`, log D(z)/(1 − D(z)) of each code, its estimate of log q(z)/Πₗ q(zₗ), `[batch]`; and its
   *   `gradient` in the codes, `[batch, latentDim]`
   */
  judge(
    z: Float32Array,
    batch: number,
  ): { readonly logRatio: ArrayLike<number>; readonly gradient: ArrayLike<number> };
}

/**
 * KL + γ·TC, FactorVAE's penalty (Kim & Mnih 2018, eq. 2 and 3): the total correlation is estimated by the density
 * ratio that a discriminator has learned, TC = E log D(z)/(1 − D(z)). The discriminator learns apart from this.
 */
export function factorPenalty(gamma: number, critic: CodeCritic): LatentPenalty {
  const kl = klPenalty(1);
  return {
    evaluate(posterior, gradients) {
      const { terms, weighted } = kl.evaluate(posterior, gradients);
      const { batch, z } = posterior;
      const { logRatio, gradient } = critic.judge(z, batch);
      let totalCorrelation = 0;
      for (let i = 0; i < batch; i++) totalCorrelation += logRatio[i]! / batch;
      for (let i = 0; i < z.length; i++) gradients.z[i]! += (gamma / batch) * gradient[i]!;
      return { terms: { ...terms, totalCorrelation }, weighted: weighted + gamma * totalCorrelation };
    },
  };
}

/**
 * Codes whose dimensions come from different images: each dimension's values change places within the batch, each by
 * an order of its own, which makes samples of Πₗ q(zₗ) out of samples of q(z) (Kim & Mnih 2018, algorithm 1).
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
