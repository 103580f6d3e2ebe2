import type { TrainedModel } from '../inference/model.ts';
import { decodedSpread, rankDimensions } from './traverse.ts';

/** What is known of how much each dimension carries. */
export interface CarriedInformation {
  /** KL per dimension on held-out images, where the run knows it; nats. */
  readonly klPerDimension: readonly number[] | undefined;
  /** The code that is moved, `[latentDim]`. */
  readonly center: Float32Array;
  /** Of the prior's standard deviation, as it will be moved. */
  readonly range: number;
}

/** True where there is a KL to go by; an AE's is 0 in every dimension. */
export function hasKl(klPerDimension: readonly number[] | undefined): klPerDimension is readonly number[] {
  return klPerDimension?.some((nats) => nats > 0) === true;
}

/**
 * The dimensions that carry most: by KL where it is known, else by how much moving them changes the picture.
 *
 * @param count - how many at most
 * @returns indices, the one that carries most first
 */
export function topDimensions(
  model: TrainedModel,
  count: number,
  { klPerDimension, center, range }: CarriedInformation,
): number[] {
  const carried = hasKl(klPerDimension) ? klPerDimension : decodedSpread(model, center, range);
  return rankDimensions(carried).slice(0, count);
}

/** What a dimension is called in a figure: `z3 · 1.24 nats`, or `z3` where its KL is not known. */
export function dimensionLabel(dimension: number, klPerDimension: readonly number[] | undefined): string {
  const nats = hasKl(klPerDimension) ? klPerDimension[dimension] : undefined;
  return nats === undefined ? `z${dimension}` : `z${dimension} · ${nats.toFixed(2)} nats`;
}
