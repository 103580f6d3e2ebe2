import type { Decomposition } from '../../contract/run.ts';
import { createRandom } from '../basics/random.ts';
import { drawCodes, evaluateCodes } from './aggregate-densities.ts';

/**
 * Measures the decomposition of KL (Chen et al. 2018, eq. 2) with the aggregate posterior of the images given, q(z)
 * = 1/N Σₙ q(z|n) summed exactly, at codes drawn from it.
 *
 * It is displayed after each epoch, because the training's own minibatch estimate has an error of hundreds of nats.
 * The parts are unbiased estimates for these N images, and their sum estimates KL. `measureElbo` also gives error
 * bars.
 *
 * @param mu - `[images, latentDim]`
 * @param logVar - `[images, latentDim]`
 * @param samples - number of images at whose codes q is evaluated
 */
export function measureDecomposition(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
  samples: number,
): Decomposition {
  const images = mu.length / latentDim;
  const random = createRandom(0, 'decomposition', images);
  const chosen = random.permutation(images).subarray(0, Math.min(samples, images));
  const densities = evaluateCodes(
    mu,
    logVar,
    latentDim,
    chosen,
    drawCodes(mu, logVar, latentDim, chosen, random),
  );
  let [mutualInformation, totalCorrelation, dimensionwiseKl] = [0, 0, 0];
  for (let i = 0; i < chosen.length; i++) {
    mutualInformation += (densities.conditional[i]! - densities.aggregate[i]!) / chosen.length;
    totalCorrelation += (densities.aggregate[i]! - densities.product[i]!) / chosen.length;
    dimensionwiseKl += (densities.product[i]! - densities.prior[i]!) / chosen.length;
  }
  return { mutualInformation, totalCorrelation, dimensionwiseKl };
}
