import type { ElboDecomposition } from '../../contract/metrics.ts';
import type { ColumnValues } from '../data/columns.ts';
import type { Posteriors } from '../inference/model.ts';
import { createRandom } from '../basics/random.ts';
import { chooseImages } from '../data/choose-images.ts';
import { makeFactor, type Factor } from '../metrics/factor.ts';
import { posteriorMig } from '../metrics/posterior-information.ts';
import { posteriorsOf } from './posterior-rows.ts';

/** Maximum number of densities to evaluate, which takes some seconds. */
const MOST_DENSITIES = 6e9;

/**
 * Maximum number of images. Every code is evaluated with every posterior, over all images and within each class.
 */
export function affordableImages(latentDim: number, factors: readonly Pick<Factor, 'size'>[]): number {
  const passes = factors.reduce((sum, { size }) => sum + 1 / size, 1);
  return Math.floor(Math.sqrt(MOST_DENSITIES / (latentDim * passes)));
}

/**
 * MIG with the aggregate posterior instead of bins (Chen et al. 2018, eq. 6), of all images, or of as many as take
 * some seconds.
 *
 * @param posteriors - `[count, latentDim]` each
 * @param columns - labels and factors, a value for each image
 * @returns undefined if every column is constant
 */
export function measurePosteriorMig(
  posteriors: Posteriors,
  latentDim: number,
  columns: readonly ColumnValues[],
  seed: number,
): ElboDecomposition['mig'] {
  const count = posteriors.mu.length / latentDim;
  const factorsOf = (rows: Uint32Array): Factor[] =>
    columns
      .map(({ column, values }) => makeFactor({ column, values: Float32Array.from(rows, (r) => values[r]!) }))
      .filter((one): one is Factor => !('leftOut' in one));
  const all = chooseImages(count, count, seed);
  const whole = factorsOf(all);
  const rows = chooseImages(count, affordableImages(latentDim, whole), seed);
  const factors = rows.length === count ? whole : factorsOf(rows);
  if (factors.length === 0) return undefined;
  const chosen = { ...posteriorsOf(posteriors, latentDim, rows), latentDim, factors };
  return { value: posteriorMig(chosen, createRandom(seed, 'posterior mig')), images: rows.length };
}
