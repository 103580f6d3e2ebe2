import { createRandom } from '../basics/random.ts';

/** The images for training and those that are held out. */
export interface Split {
  readonly train: Uint32Array;
  readonly heldOut: Uint32Array;
}

/**
 * Maximum number of held-out images. More would hardly improve the measurements, and would slow down every epoch.
 */
const MOST_HELD_OUT = 5000;

/**
 * Splits a data set's images. The split depends on the number of images and the fraction only, not on a run's seed,
 * so that all runs on a data set are measured on the same images.
 *
 * @param images - number of images, at least two
 */
export function splitImages(images: number, heldOutFraction: number): Split {
  const wanted = Math.round(images * heldOutFraction);
  const heldOut = Math.min(Math.max(1, wanted), MOST_HELD_OUT, images - 1);
  const order = createRandom(0, 'held-out', images).permutation(images);
  return { heldOut: order.subarray(0, heldOut).sort(), train: order.subarray(heldOut) };
}
