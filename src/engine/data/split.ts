import { splitCounts } from '../../contract/training-length.ts';
import { createRandom } from '../basics/random.ts';

/** The images for training and those that are held out. */
export interface Split {
  readonly train: Uint32Array;
  readonly heldOut: Uint32Array;
}

/**
 * Splits a data set's images. The split depends on the number of images and the fraction only, not on a run's seed,
 * so that all runs on a data set are measured on the same images.
 *
 * @param images - number of images, at least two
 */
export function splitImages(images: number, heldOutFraction: number): Split {
  const { heldOut } = splitCounts(images, heldOutFraction);
  const order = createRandom(0, 'held-out', images).permutation(images);
  return { heldOut: order.subarray(0, heldOut).sort(), train: order.subarray(heldOut) };
}
