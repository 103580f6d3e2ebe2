import { heldOutRole, splitCounts } from '../../contract/training-length.ts';
import { createRandom } from '../basics/random.ts';
import type { Dataset } from './dataset.ts';
import { rolesOf } from './official-split.ts';

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

/**
 * Splits a data set: by the split that it comes with, or else as {@link splitImages}. Of an official split, the test images
 * are held out, or else those for validation; no image for test or validation is trained on. Of very many, as many are held
 * out as of other data sets, always the same.
 */
export async function splitDataset(dataset: Dataset, heldOutFraction: number): Promise<Split> {
  const { images, split, columns } = dataset.info;
  const column = split && columns.find(({ name }) => name === split.column);
  if (!split || !column) return splitImages(images, heldOutFraction);
  const roles = rolesOf({ column, values: await dataset.column(column) });
  const wanted = heldOutRole(split);
  const train = createRandom(0, 'held-out', images)
    .permutation(images)
    .filter((image) => roles[image] === undefined || roles[image] === 'train');
  const candidates = createRandom(0, 'official', images)
    .permutation(images)
    .filter((image) => roles[image] === wanted);
  const { heldOut } = splitCounts({ images, split }, heldOutFraction);
  return { train, heldOut: candidates.subarray(0, heldOut).sort() };
}
