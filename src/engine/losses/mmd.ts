import { klPenalty } from './kl.ts';
import type { LatentPenalty } from './posterior.ts';

/** InfoVAE's two weights. */
export interface InfoWeights {
  /** The part of KL that is removed: 0 keeps the VAE's KL, 1 removes it. */
  readonly alpha: number;
  /** λ: the MMD between aggregate posterior and prior has the weight α + λ − 1. */
  readonly lambda: number;
}

/**
 * (1 − α)·KL + (α + λ − 1)·MMD(q(z), p(z)), InfoVAE's penalty (Zhao et al. 2019, eq. 6).
 *
 * MMD with the Gaussian kernel k(x, y) = exp(−‖x − y‖²/2h), h = latentDim. Its two expectations over the prior N(0,
 * I) have closed forms, E k(z, y) = (h/(h+1))^(L/2)·exp(−‖z‖²/2(h+1)) and E k(y, y′) = (h/(h+2))^(L/2), so no
 * samples of the prior are drawn: the estimate is unbiased, and its only noise comes from the batch.
 */
export function infoPenalty({ alpha, lambda }: InfoWeights): LatentPenalty {
  const kl = klPenalty(1 - alpha);
  const weight = alpha + lambda - 1;
  return {
    evaluate(posterior, gradients) {
      const { terms, weighted } = kl.evaluate(posterior, gradients);
      const { batch, latentDim, z } = posterior;
      const h = latentDim;
      const towardsPrior = (h / (h + 1)) ** (latentDim / 2);
      let [pairs, cross] = [0, 0];
      const pairScale = 1 / (batch * (batch - 1));
      for (let i = 0; i < batch; i++) {
        const from = i * latentDim;
        for (let j = i + 1; j < batch; j++) {
          const to = j * latentDim;
          let square = 0;
          for (let l = 0; l < latentDim; l++) square += (z[from + l]! - z[to + l]!) ** 2;
          const kernel = Math.exp(-square / (2 * h));
          pairs += 2 * kernel * pairScale;
          const slope = (weight * 2 * kernel * pairScale) / h;
          for (let l = 0; l < latentDim; l++) {
            const step = slope * (z[from + l]! - z[to + l]!);
            gradients.z[from + l]! -= step;
            gradients.z[to + l]! += step;
          }
        }
        let norm = 0;
        for (let l = 0; l < latentDim; l++) norm += z[from + l]! ** 2;
        const kernel = towardsPrior * Math.exp(-norm / (2 * (h + 1)));
        cross += kernel / batch;
        const slope = (weight * 2 * kernel) / (batch * (h + 1));
        for (let l = 0; l < latentDim; l++) gradients.z[from + l]! += slope * z[from + l]!;
      }
      const mmd = pairs - 2 * cross + (h / (h + 2)) ** (latentDim / 2);
      return { terms: { ...terms, mmd }, weighted: weighted + weight * mmd };
    },
  };
}
