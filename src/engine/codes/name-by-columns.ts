import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dataset } from '../data/dataset.ts';
import { nameDimensions } from '../metrics/dimension-names.ts';
import { chooseImages } from '../data/choose-images.ts';
import { readColumns } from '../data/read-columns.ts';
import type { DatasetCodes } from './codes-file.ts';

/** Maximum number of images: enough to detect a hundredth of a bit beyond chance, and few enough to be fast. */
const MOST_IMAGES = 10_000;

/** The label or factor after which a dimension is named, and its information about it. */
export interface DimensionTitle {
  readonly name: string;
  readonly bits: number;
  /** As a share of the label's entropy. */
  readonly share: number;
  /** Number of dimensions with this name, including this one. */
  readonly sameName: number;
}

/**
 * Names dimensions by the label or factor that each encodes best.
 *
 * @param active - whether each dimension is active; others have no name
 * @returns by dimension; dimensions that encode none have no name
 */
export async function nameByColumns(
  { mu, latentDim }: Pick<DatasetCodes, 'mu' | 'latentDim'>,
  dataset: Dataset,
  active: readonly boolean[],
): Promise<ReadonlyMap<number, DimensionTitle>> {
  const images = chooseImages(dataset.info.images, MOST_IMAGES, 0);
  const columns = await readColumns(dataset, images);
  const codes = new Float32Array(images.length * latentDim);
  images.forEach((image, row) => {
    codes.set(mu.subarray(image * latentDim, (image + 1) * latentDim), row * latentDim);
  });
  await nextTurn();
  const names = nameDimensions({ codes, count: images.length, latentDim, columns, active });
  return new Map(
    names.flatMap(({ dimension, column, bits, share = 0 }) => {
      if (column === null) return [];
      const sameName = names.filter((other) => other.column === column).length;
      return [[dimension, { name: column, bits, share, sameName }] as const];
    }),
  );
}
