import type { LatentPenalty, PosteriorBatch, PosteriorGradients } from './posterior.ts';
import { warmUpFactor } from './schedule.ts';

/**
 * KL from the diagonal Gaussian posterior q(z|x) to the unit Gaussian prior, per latent dimension.
 *
 * ½(μ² + Σ − 1 − log Σ), averaged over the batch, in nats. Kingma & Welling 2014, appendix B.
 *
 * @param mu - posterior means, `[batch, latentDim]`
 * @param logVar - log variances log Σ(x), `[batch, latentDim]`
 * @returns `[latentDim]`; its sum is the ELBO's KL term
 */
export function klPerDimension(mu: Float32Array, logVar: Float32Array, latentDim: number): Float64Array {
  const kl = new Float64Array(latentDim);
  const batch = mu.length / latentDim;
  for (let i = 0; i < mu.length; i++) {
    const logVariance = logVar[i]!;
    // expm1 avoids the cancellation of exp(…) − 1 near the prior.
    kl[i % latentDim]! += (0.5 * (mu[i]! ** 2 + Math.expm1(logVariance) - logVariance)) / batch;
  }
  return kl;
}

/**
 * β · KL(q(z|x) ‖ p(z)): the VAE's penalty for β = 1, β-VAE's for larger β (Higgins et al. 2017).
 *
 * @param warmUp - the part of the training over which β rises from 0 to its value (Bowman et al. 2016; Sønderby et
 * al. 2016): the model learns to use its codes before they are penalised
 */
export function klPenalty(beta: number, warmUp = 0): LatentPenalty {
  return {
    evaluate(posterior, gradients) {
      const present = beta * warmUpFactor(warmUp, posterior);
      addKlGradients(present, posterior, gradients);
      const kl = meanKl(posterior);
      return { terms: { kl }, weighted: present * kl };
    },
  };
}

/** KL of a batch, averaged over its images, nats. */
export function meanKl({ mu, logVar, latentDim }: PosteriorBatch): number {
  return klPerDimension(mu, logVar, latentDim).reduce((sum, value) => sum + value, 0);
}

/** Adds the gradients of `weight` · KL, averaged over the batch. */
export function addKlGradients(
  weight: number,
  { batch, mu, logVar }: PosteriorBatch,
  gradients: PosteriorGradients,
): void {
  const scale = weight / batch;
  for (let i = 0; i < mu.length; i++) {
    gradients.mu[i]! += scale * mu[i]!;
    gradients.logVar[i]! += scale * 0.5 * (Math.exp(logVar[i]!) - 1);
  }
}
