import type { Tensor } from '../tensorflow/tensors.ts';

/** Decoded pictures, `[batch, size, size, channels]` each. */
export interface Decoded {
  /** What the last layer gives. */
  readonly logits: Tensor;
  /** The pictures: the sigmoid of the logits, or an AE's logits themselves. */
  readonly output: Tensor;
}

/** How far decoded pictures are from those they should be. The tensors are the caller's. */
export interface Comparison {
  /** A single number, summed over the batch; what it means is {@link Likelihood.nats}'s to say. */
  readonly distance: Tensor;
  /** Of −log p(x|z), averaged over the batch. */
  readonly gradient: Tensor;
  /** Whether the gradient is in the pictures or in the logits. */
  readonly in: 'output' | 'logits';
}

/**
 * The decoder's distribution p(x|z), whose means the decoded pictures are. Written once for its value and its
 * gradient, on tensors: a batch of pictures is millions of numbers.
 */
export interface Likelihood {
  /** @param images - x in [0, 1], like the decoded ones */
  compare(decoded: Decoded, images: Tensor, batch: number): Comparison;
  /**
   * −log p(x|z) in nats, summed over pixels and channels. A constant that nothing changes is left out.
   *
   * @param distance - as {@link compare} measured it, averaged over the batch
   * @param numbers - pixels times channels of a picture
   */
  nats(distance: number, numbers: number): number;
}
