import type { Sampling } from '../../contract/run.ts';

/**
 * What the images of a batch of M, of N in all, weigh in an estimate of the aggregate posterior at a code,
 * q(z) = 1/N Σₙ q(z|n) ≈ w_own·q(z|n*) + w_other·Σ_{m ≠ n*} q(z|m), where n* is the image that the code was drawn from.
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
 * `weighted` (Chen et al. 2018, eq. S5): 1/NM each. A lower bound in expectation whose level is off by hundreds of
 * nats, which cancels in the sum and in the gradient.
 *
 * `stratified`: q(z) splits into the code's own image, which is always in the batch, and the N − 1 others, of which
 * the batch holds M − 1, drawn evenly. The own one weighs its share 1/N, and each other an equal share of the rest,
 * (N − 1)/N : (M − 1). So the weights sum to one, the estimate is unbiased for q(z), and exact at M = N. (Chen et
 * al.'s reference code puts 1/N in one column instead of on the diagonal, and its rows do not sum to one.)
 */
export function minibatchWeights(sampling: Sampling, batch: number, images: number): MinibatchWeights {
  if (sampling === 'weighted') {
    const each = -Math.log(images * batch);
    return { own: each, other: each };
  }
  return { own: -Math.log(images), other: Math.log((images - 1) / images / (batch - 1)) };
}
