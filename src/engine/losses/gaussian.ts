import * as ops from '../tensorflow/operations.ts';
import { free, scalar } from '../tensorflow/tensors.ts';
import type { Likelihood } from './likelihood.ts';

/** The paper's variance, with which −log p(x|z) is ‖x − x̂‖² (eq. 5). */
export const PAPERS_VARIANCE = 0.5;

/**
 * N(x; x̂, σ²) for every pixel and channel: ‖x − x̂‖²/2σ², without the constant D/2·log 2πσ². A smaller variance
 * increases the weight of the pictures relative to KL, like a smaller β.
 *
 * @param variance - σ²
 */
export function gaussianLikelihood(variance: number = PAPERS_VARIANCE): Likelihood {
  return {
    compare: ({ output }, images, batch) => {
      const difference = ops.subtract(output, images);
      const scale = scalar(1 / (variance * batch));
      const comparison = {
        distance: ops.halfSquareSum(difference),
        gradient: ops.multiply(difference, scale),
        in: 'output',
      } as const;
      free(difference, scale);
      return comparison;
    },
    nats: (halfSquare) => halfSquare / variance,
  };
}

/**
 * The same with the term in σ², which is not constant if the variance is learned: ‖x − x̂‖²/2σ² + D/2·log 2πσ²,
 * with D numbers per picture (Rybkin et al. 2021, eq. 4: σ-VAE with one variance for all).
 *
 * @param variance - returns the current σ²
 */
export function learnedGaussianLikelihood(variance: () => number): Likelihood {
  return {
    compare: (decoded, images, batch) => gaussianLikelihood(variance()).compare(decoded, images, batch),
    nats: (halfSquare, numbers) =>
      halfSquare / variance() + (numbers / 2) * Math.log(2 * Math.PI * variance()),
  };
}

/** The least σ² of an optimal variance: the square of a fifteenth of a byte's step. */
const LEAST_VARIANCE = (1 / 255 / 15) ** 2;

/** σ*², the variance with which −log p(x|z) of a batch is smallest: the mean squared error of a pixel and channel. */
export function optimalVariance(halfSquare: number, numbers: number): number {
  return Math.max(LEAST_VARIANCE, (2 * halfSquare) / numbers);
}

/**
 * N(x; x̂, σ*²) with the variance that fits the batch best, in closed form: D/2·log 2πσ*² + D/2 (Rybkin et al. 2021, eq. 6:
 * the optimal σ-VAE). It depends on x̂ by log σ*² alone, whose gradient (x̂ − x)/σ*² is that of a Gaussian with σ*² held
 * fixed. Pictures and KL weigh as the ELBO has it, whatever the data, without a β to find.
 */
export function optimalGaussianLikelihood(): Likelihood {
  return {
    compare: ({ output }, images, batch) => {
      const difference = ops.subtract(output, images);
      const distance = ops.halfSquareSum(difference);
      // 1/(σ*² · batch), computed where the difference is, so that nothing waits for it.
      const [two, least, share] = [scalar(2), scalar(LEAST_VARIANCE), scalar(1 / batch)];
      const count = ops.size(difference);
      const sum = ops.multiply(distance, two);
      const mean = ops.divide(sum, count);
      const variance = ops.maximum(mean, least);
      const scale = ops.divide(share, variance);
      const gradient = ops.multiply(difference, scale);
      free(difference, two, least, share, count, sum, mean, variance, scale);
      return { distance, gradient, in: 'output' };
    },
    nats: (halfSquare, numbers) => {
      const variance = optimalVariance(halfSquare, numbers);
      return halfSquare / variance + (numbers / 2) * Math.log(2 * Math.PI * variance);
    },
  };
}

/**
 * The gradient of {@link learnedGaussianLikelihood}'s nats in log σ²: D/2 − ‖x − x̂‖²/2σ².
 *
 * @param halfSquare - ½‖x − x̂‖², averaged over the batch
 */
export function logVarianceGradient(halfSquare: number, numbers: number, variance: number): number {
  return numbers / 2 - halfSquare / variance;
}
