import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dataset } from '../data/dataset.ts';
import { nameDimensions } from '../metrics/dimension-names.ts';
import { chooseImages } from '../data/choose-images.ts';
import { readColumns } from '../data/read-columns.ts';
import type { DatasetCodes } from './codes-file.ts';

/** Enough that a hundredth of a bit stands out from chance, few enough to be counted in a moment. */
const MOST_IMAGES = 10_000;

/** What a dimension is called after, and how much of it it carries, in bits. */
export interface DimensionTitle {
  readonly name: string;
  readonly bits: number;
}

/**
 * Names dimensions by the label or factor that each carries best.
 *
 * @returns by dimension; those that carry none have no name
 */
export async function nameByColumns(
  { mu, latentDim }: Pick<DatasetCodes, 'mu' | 'latentDim'>,
  dataset: Dataset,
): Promise<ReadonlyMap<number, DimensionTitle>> {
  const images = chooseImages(dataset.info.images, MOST_IMAGES, 0);
  const columns = await readColumns(dataset, images);
  const codes = new Float32Array(images.length * latentDim);
  images.forEach((image, row) => {
    codes.set(mu.subarray(image * latentDim, (image + 1) * latentDim), row * latentDim);
  });
  await nextTurn();
  const names = nameDimensions({ codes, count: images.length, latentDim, columns });
  return new Map(
    names.flatMap(({ dimension, column, bits }) =>
      column === null ? [] : [[dimension, { name: column, bits }] as const],
    ),
  );
}
