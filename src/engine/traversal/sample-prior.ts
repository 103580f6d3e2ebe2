import { createRandom } from '../basics/random.ts';

/**
 * Draws codes from the prior N(0, I). The first codes do not depend on `count`.
 *
 * @returns `[count, latentDim]`
 */
export function samplePrior(seed: number, count: number, latentDim: number): Float32Array {
  return createRandom(seed, 'sample the prior').fillNormal(new Float32Array(count * latentDim));
}
