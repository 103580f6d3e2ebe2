import type { Decomposition } from '../../contract/run.ts';
import { createRandom } from '../random.ts';

/**
 * Measures the decomposition of KL (Chen et al. 2018, eq. 2) with the aggregate posterior of the images given,
 * q(z) = 1/N Σₙ q(z|n) summed exactly, at codes drawn from it.
 *
 * This is what people are shown; the training's own minibatch estimate is off by hundreds of nats. The parts are
 * samples around the truth for these N images, and their sum is KL's own sample.
 *
 * @param mu - `[images, latentDim]`
 * @param logVar - `[images, latentDim]`
 * @param samples - how many images' codes q is evaluated at
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
  const precision = Float64Array.from(logVar, (value) => Math.exp(-value));
  const constant = Float64Array.from(logVar, (value) => -0.5 * (Math.log(2 * Math.PI) + value));
  const z = new Float64Array(latentDim);
  const joint = new Float64Array(images);
  const density = new Float64Array(images);
  let [conditional, aggregate, product, prior] = [0, 0, 0, 0];
  for (const image of chosen) {
    joint.fill(0);
    for (let l = 0; l < latentDim; l++) {
      const own = image * latentDim + l;
      z[l] = mu[own]! + Math.exp(0.5 * logVar[own]!) * random.normal();
      prior -= 0.5 * (Math.log(2 * Math.PI) + z[l]! ** 2);
      for (let n = 0, at = l; n < images; n++, at += latentDim) {
        density[n] = constant[at]! - 0.5 * (z[l]! - mu[at]!) ** 2 * precision[at]!;
        joint[n]! += density[n]!;
      }
      conditional += density[image]!;
      product += logMeanExp(density);
    }
    aggregate += logMeanExp(joint);
  }
  const count = chosen.length;
  return {
    mutualInformation: (conditional - aggregate) / count,
    totalCorrelation: (aggregate - product) / count,
    dimensionwiseKl: (product - prior) / count,
  };
}

function logMeanExp(values: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > largest) largest = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum / values.length);
}
