import { createRandom } from '../basics/random.ts';
import { drawPrior } from '../inference/draw-prior.ts';
import type { TrainedModel } from '../inference/model.ts';

/**
 * Draws codes from the prior, of a quantised model from its learned values ({@link drawPrior}). The first codes do not
 * depend on `count`.
 *
 * @returns `[count, latentDim]`
 */
export function samplePrior(
  model: Pick<TrainedModel, 'latentDim' | 'latentValues'>,
  seed: number,
  count: number,
): Float32Array {
  return drawPrior(model, createRandom(seed, 'sample the prior'), count);
}
