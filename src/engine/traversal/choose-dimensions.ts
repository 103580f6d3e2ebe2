import type { TrainedModel } from '../inference/model.ts';
import { decodedSpread, rankDimensions } from './traverse.ts';

/** Measures of the information in each dimension. */
export interface CarriedInformation {
  /** KL per dimension on held-out images, if the run has it; nats. */
  readonly klPerDimension: readonly number[] | undefined;
  /** The code that is varied, `[latentDim]`. */
  readonly center: Float32Array;
  /** How far it is varied, in standard deviations of the prior. */
  readonly range: number;
}

/** True if there is a KL that is not 0 in every dimension, as it is for an AE. */
export function hasKl(klPerDimension: readonly number[] | undefined): klPerDimension is readonly number[] {
  return klPerDimension?.some((nats) => nats > 0) === true;
}

/**
 * The dimensions with the most information: by KL if it is known, else by how much varying them changes the
 * picture.
 *
 * @param count - maximum number of dimensions
 * @returns indices, the one with the most information first
 */
export function topDimensions(
  model: TrainedModel,
  count: number,
  { klPerDimension, center, range }: CarriedInformation,
): number[] {
  const carried = hasKl(klPerDimension) ? klPerDimension : decodedSpread(model, center, range);
  return rankDimensions(carried).slice(0, count);
}

/** A dimension's label in a figure: `z3 · 1.24 nats`, or `z3` if its KL is unknown. */
export function dimensionLabel(dimension: number, klPerDimension: readonly number[] | undefined): string {
  const nats = hasKl(klPerDimension) ? klPerDimension[dimension] : undefined;
  return nats === undefined ? `z${dimension}` : `z${dimension} · ${nats.toFixed(2)} nats`;
}
