import { createRandom } from '../basics/random.ts';

/** Some images of a data set, all if there are no more than `most`: drawn by the seed, rising. */
export function chooseImages(images: number, most: number, seed: number): Uint32Array {
  if (images <= most) return Uint32Array.from({ length: images }, (_, i) => i);
  return createRandom(seed, 'metrics', 'images').permutation(images).slice(0, most).sort();
}
