import * as ops from '../tensorflow/operations.ts';
import { free, intVector, scalar } from '../tensorflow/tensors.ts';
import type { Likelihood } from './likelihood.ts';

/**
 * The cross entropy −Σ x·log x̂ + (1 − x)·log(1 − x̂), exact for black and white pictures and commonly used for
 * others (Kingma & Welling 2014, appendix C.1). In the logits l it is Σ log(1 + eˡ) − x·l, with the gradient x̂ −
 * x. This form does not overflow, and its gradient does not vanish where the sigmoid is flat.
 */
export function bernoulliLikelihood(): Likelihood {
  return {
    compare: ({ logits, output }, images, batch) => {
      const difference = ops.subtract(output, images);
      const share = scalar(1 / batch);
      const normaliser = ops.softplus(logits);
      const product = ops.multiply(images, logits);
      const entropy = ops.subtract(normaliser, product);
      const axes = intVector([0, 1, 2, 3]);
      const comparison = {
        distance: ops.sum(entropy, axes),
        gradient: ops.multiply(difference, share),
        in: 'logits',
      } as const;
      free(difference, share, normaliser, product, entropy, axes);
      return comparison;
    },
    nats: (entropy) => entropy,
  };
}
