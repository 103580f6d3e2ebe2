import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dataset } from '../data/dataset.ts';
import { nameDimensions } from '../metrics/dimension-names.ts';
import { chooseImages } from '../data/choose-images.ts';
import { readColumns } from '../data/read-columns.ts';
import type { DatasetCodes } from './codes-file.ts';

/** Maximum number of images: enough to detect a hundredth of a bit beyond chance, and few enough to be fast. */
const MOST_IMAGES = 10_000;

/** The label or factor after which a dimension is named, and its information about it, in bits. */
export interface DimensionTitle {
  readonly name: string;
  readonly bits: number;
}

/**
 * Names dimensions by the label or factor that each encodes best.
 *
 * @returns by dimension; dimensions that encode none have no name
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
