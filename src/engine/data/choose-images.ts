import { createRandom } from '../basics/random.ts';

/**
 * Chooses at most `most` images of a data set at random by the seed; all if there are no more. The result is
 * sorted.
 */
export function chooseImages(images: number, most: number, seed: number): Uint32Array {
  if (images <= most) return Uint32Array.from({ length: images }, (_, i) => i);
  return createRandom(seed, 'metrics', 'images').permutation(images).slice(0, most).sort();
}
