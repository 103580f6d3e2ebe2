import { createRandom } from '../basics/random.ts';

/**
 * Codes from the prior N(0, I). The first ones are the same however many are asked for.
 *
 * @returns `[count, latentDim]`
 */
export function samplePrior(seed: number, count: number, latentDim: number): Float32Array {
  return createRandom(seed, 'sample the prior').fillNormal(new Float32Array(count * latentDim));
}
