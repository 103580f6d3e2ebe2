import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Counterpart } from '../../contract/operations/measure.ts';
import { chooseImages } from '../data/choose-images.ts';
import type { DatasetCodes } from './codes-file.ts';

/** Maximum number of images. With this many, Pearson's r of two independent dimensions is below 0.02. */
const MOST_IMAGES = 10_000;

type Codes = Pick<DatasetCodes, 'mu' | 'latentDim'>;

/** A dimension's mu of the given images with mean 0 and norm 1; undefined if it is constant. */
function standardised(
  { mu, latentDim }: Codes,
  dimension: number,
  images: Uint32Array,
): Float64Array | undefined {
  const values = Float64Array.from(images, (image) => mu[image * latentDim + dimension]!);
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    values[i]! -= mean;
    squares += values[i]! ** 2;
  }
  // A constant has only rounding errors.
  if (!(squares > values.length * (1e-6 * Math.max(1, Math.abs(mean))) ** 2)) return undefined;
  const norm = Math.sqrt(squares);
  return values.map((value) => value / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * For each dimension of `codes`, finds the dimension of `others` with the largest absolute correlation of mu over
 * the same images.
 *
 * @returns by dimension of `codes`; null for a constant one, or if all dimensions of `others` are constant
 */
export async function findCounterparts(codes: Codes, others: Codes): Promise<(Counterpart | null)[]> {
  const images = chooseImages(codes.mu.length / codes.latentDim, MOST_IMAGES, 0);
  const columns = Array.from({ length: others.latentDim }, (_, l) => standardised(others, l, images));
  const found: (Counterpart | null)[] = [];
  for (let l = 0; l < codes.latentDim; l++) {
    // Lets other work run, because 512 by 512 dimensions take seconds.
    await nextTurn();
    const own = standardised(codes, l, images);
    let best: Counterpart | null = null;
    columns.forEach((column, dimension) => {
      if (!own || !column) return;
      const correlation = Math.max(-1, Math.min(1, dot(own, column)));
      if (!best || Math.abs(correlation) > Math.abs(best.correlation)) best = { dimension, correlation };
    });
    found.push(best);
  }
  return found;
}
