import * as ops from '../tensorflow/operations.ts';
import { free, intVector, scalar } from '../tensorflow/tensors.ts';
import { PAPERS_VARIANCE } from './gaussian.ts';
import type { Likelihood } from './likelihood.ts';

/**
 * Laplace(x; x̂, b) for every pixel and channel: Σ|x − x̂|/b, without the constant D·log 2b. Large errors have less
 * weight than with a Gaussian, so uncertain edges may stay sharp.
 *
 * @param variance - 2b²; for the paper's ½, b is ½ and the constant is zero
 */
export function laplaceLikelihood(variance: number = PAPERS_VARIANCE): Likelihood {
  const scale = Math.sqrt(variance / 2);
  return {
    compare: ({ output }, images, batch) => {
      const difference = ops.subtract(output, images);
      const size = ops.absolute(difference);
      const axes = intVector([0, 1, 2, 3]);
      const sign = ops.sign(difference);
      const slope = scalar(1 / (scale * batch));
      const comparison = {
        distance: ops.sum(size, axes),
        gradient: ops.multiply(sign, slope),
        in: 'output',
      } as const;
      free(difference, size, axes, sign, slope);
      return comparison;
    },
    nats: (absolute) => absolute / scale,
  };
}
