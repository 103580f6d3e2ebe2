import type { ElboDecomposition } from '../../contract/metrics.ts';
import type { ColumnValues } from '../data/columns.ts';
import type { Posteriors } from '../inference/model.ts';
import { createRandom } from '../random.ts';
import { makeFactor, type Factor } from './factor.ts';
import { posteriorMig } from './posterior-information.ts';

/** So many densities are evaluated at most, which takes some seconds. */
const MOST_DENSITIES = 6e9;

/** How many images can be measured: every code against every posterior, over all images and over each class. */
export function affordableImages(latentDim: number, factors: readonly Pick<Factor, 'size'>[]): number {
  const passes = factors.reduce((sum, { size }) => sum + 1 / size, 1);
  return Math.floor(Math.sqrt(MOST_DENSITIES / (latentDim * passes)));
}

function pickRows(rows: Uint32Array, numbers: Float32Array, width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(numbers.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}

/**
 * MIG with the aggregate posterior instead of bins (Chen et al. 2018, eq. 6), of all images or of as many as some
 * seconds are enough for.
 *
 * @param posteriors - `[count, latentDim]` each
 * @param columns - labels and factors, a value for each image
 * @returns undefined where no column tells images apart
 */
export function measurePosteriorMig(
  { mu, logVar }: Posteriors,
  latentDim: number,
  columns: readonly ColumnValues[],
  seed: number,
): ElboDecomposition['mig'] {
  const count = mu.length / latentDim;
  const factorsOf = (rows: Uint32Array): Factor[] =>
    columns
      .map(({ column, values }) => makeFactor({ column, values: Float32Array.from(rows, (r) => values[r]!) }))
      .filter((one): one is Factor => !('leftOut' in one));
  const all = Uint32Array.from({ length: count }, (_, row) => row);
  const most = affordableImages(latentDim, factorsOf(all));
  const random = createRandom(seed, 'posterior mig');
  const rows = count <= most ? all : random.permutation(count).subarray(0, most).sort();
  const factors = factorsOf(rows);
  if (factors.length === 0) return undefined;
  const posteriors = {
    mu: pickRows(rows, mu, latentDim),
    logVar: pickRows(rows, logVar, latentDim),
    latentDim,
    factors,
  };
  return { value: posteriorMig(posteriors, random), images: rows.length };
}
