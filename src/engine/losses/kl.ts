import type { LatentPenalty } from './posterior.ts';

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
    // expm1 keeps the digits near the prior, where exp(…) − 1 would lose them.
    kl[i % latentDim]! += (0.5 * (mu[i]! ** 2 + Math.expm1(logVariance) - logVariance)) / batch;
  }
  return kl;
}

/** β · KL(q(z|x) ‖ p(z)): the VAE's penalty at β = 1, β-VAE's above (Higgins et al. 2017). */
export function klPenalty(beta: number): LatentPenalty {
  return {
    evaluate({ batch, latentDim, mu, logVar }, gradients) {
      const scale = beta / batch;
      for (let i = 0; i < mu.length; i++) {
        gradients.mu[i]! += scale * mu[i]!;
        gradients.logVar[i]! += scale * 0.5 * (Math.exp(logVar[i]!) - 1);
      }
      const kl = klPerDimension(mu, logVar, latentDim).reduce((sum, value) => sum + value, 0);
      return { terms: { kl }, weighted: beta * kl };
    },
  };
}
