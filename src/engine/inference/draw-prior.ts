import type { Random } from '../basics/random.ts';
import type { TrainedModel } from './model.ts';

/**
 * Draws codes: from the prior N(0, I), or for a quantised model each dimension from its learned values, as often as they
 * occur on the training images. The first codes do not depend on `count`.
 *
 * @returns `[count, latentDim]`
 */
export function drawPrior(
  { latentDim, latentValues }: Pick<TrainedModel, 'latentDim' | 'latentValues'>,
  random: Random,
  count: number,
): Float32Array {
  if (!latentValues) return random.fillNormal(new Float32Array(count * latentDim));
  return Float32Array.from({ length: count * latentDim }, (_, i) => {
    const values = latentValues[i % latentDim]!;
    let rest = random.uniform();
    const drawn = values.find(({ share }) => (rest -= share) < 0);
    // Rounding may leave a little of the last share.
    return (drawn ?? values.findLast(({ share }) => share > 0)!).value;
  });
}
