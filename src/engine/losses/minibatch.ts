import type { Sampling } from '../../contract/run.ts';

/**
 * Weights of the M images of a batch, out of N in total, for estimating the aggregate posterior at a code: q(z) =
 * 1/N Σₙ q(z|n) ≈ w_own·q(z|n*) + w_other·Σ_{m ≠ n*} q(z|m), where n* is the image that the code was drawn from.
 */
export interface MinibatchWeights {
  /** log w_own, of the code's own image. */
  readonly own: number;
  /** log w_other, of each of the M − 1 others. */
  readonly other: number;
}

/**
 * The weights of a batch.
 *
 * `weighted` (Chen et al. 2018, eq. S5): 1/NM each. In expectation log q(z) is a lower bound. Its bias of hundreds
 * of nats cancels in the sum of the three terms and in the gradient.
 *
 * `stratified`: q(z) splits into the code's own image, which is always in the batch, and the N − 1 others, of which
 * the batch holds M − 1, drawn uniformly. The code's own image has the weight 1/N, and each other an equal part of
 * the rest, ((N − 1)/N)/(M − 1). So the weights sum to one, the estimate of q(z) is unbiased, and exact for M = N.
 * (Chen et al.'s reference code puts 1/N in one column instead of on the diagonal, and its rows do not sum to one.)
 */
export function minibatchWeights(sampling: Sampling, batch: number, images: number): MinibatchWeights {
  if (sampling === 'weighted') {
    const each = -Math.log(images * batch);
    return { own: each, other: each };
  }
  return { own: -Math.log(images), other: Math.log((images - 1) / images / (batch - 1)) };
}
