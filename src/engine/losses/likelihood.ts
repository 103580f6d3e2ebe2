import type { Tensor } from '../tensorflow/tensors.ts';

/** Decoded pictures, `[batch, size, size, channels]` each. */
export interface Decoded {
  /** The output of the last layer. */
  readonly logits: Tensor;
  /** The pictures: the sigmoid of the logits, or an AE's logits themselves. */
  readonly output: Tensor;
}

/** The distance of decoded pictures from the images. The caller owns the tensors. */
export interface Comparison {
  /** A single number, summed over the batch, which {@link Likelihood.nats} converts to nats. */
  readonly distance: Tensor;
  /** Gradient of −log p(x|z), averaged over the batch. */
  readonly gradient: Tensor;
  /** Whether the gradient is in the pictures or in the logits. */
  readonly in: 'output' | 'logits';
}

/**
 * The decoder's distribution p(x|z), whose means are the decoded pictures. It computes value and gradient on
 * tensors, because a batch of pictures has millions of numbers.
 */
export interface Likelihood {
  /** @param images - x in [0, 1], like the decoded ones */
  compare(decoded: Decoded, images: Tensor, batch: number): Comparison;
  /**
   * −log p(x|z) in nats, summed over pixels and channels. Constant terms are left out.
   *
   * @param distance - as {@link compare} measured it, averaged over the batch
   * @param numbers - number of pixels times channels of a picture
   */
  nats(distance: number, numbers: number): number;
}
