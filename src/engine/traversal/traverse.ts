import { traversedValues } from '../../contract/operations/codes.ts';
import { picturesFromBatch, type Picture } from '../pictures/picture.ts';
import type { TrainedModel } from '../inference/model.ts';

/**
 * Evenly spaced offsets from −range to +range, including both ends; a single offset is 0.
 *
 * @param range - in units of the prior's standard deviation
 */
export function traversalOffsets(range: number, frames: number): Float32Array {
  const last = frames - 1;
  return Float32Array.from({ length: frames }, (_, i) => (last > 0 ? range * ((2 * i) / last - 1) : 0));
}

/**
 * Evenly spaced values, including exactly both ends.
 *
 * @param count - at least two
 */
export function evenly(from: number, to: number, count: number): Float32Array {
  const last = count - 1;
  return Float32Array.from({ length: count }, (_, i) => (from * (last - i) + to * i) / last);
}

/**
 * Copies of a code in which one coordinate is changed by each of the offsets.
 *
 * A traversal is centred on the code itself. For an image this is its mu, so that the middle is the image's
 * reconstruction; for the prior's mean it is zero.
 *
 * @param center - `[latentDim]`
 * @returns `[offsets, latentDim]`
 */
export function traverseDimension(
  center: Float32Array,
  dimension: number,
  offsets: Float32Array,
): Float32Array {
  const codes = new Float32Array(offsets.length * center.length);
  offsets.forEach((offset, i) => {
    codes.set(center, i * center.length);
    codes[i * center.length + dimension]! += offset;
  });
  return codes;
}

/**
 * The codes of a dimension's traversal. Those of a quantised model go over the dimension's learned values, from the least to
 * the greatest, whatever the offsets are: as many codes, each value as often as the others or once more.
 *
 * @param center - `[latentDim]`
 * @returns `[offsets, latentDim]`
 */
export function traversalCodes(
  { latentValues }: Pick<TrainedModel, 'latentValues'>,
  center: Float32Array,
  dimension: number,
  offsets: Float32Array,
): Float32Array {
  const values = latentValues?.[dimension];
  if (!values) return traverseDimension(center, dimension, offsets);
  const { length } = offsets;
  const codes = new Float32Array(length * center.length);
  traversedValues(values, length).forEach((value, i) => {
    codes.set(center, i * center.length);
    // A single code is the center, as it is for offsets.
    if (length > 1) codes[i * center.length + dimension] = value;
  });
  return codes;
}

/**
 * Copies of a code that are moved along a direction by each of the offsets.
 *
 * @param center - `[latentDim]`
 * @param direction - `[latentDim]`, the change of the code for an offset of 1
 * @returns `[offsets, latentDim]`
 */
export function traverseDirection(
  center: Float32Array,
  direction: Float32Array,
  offsets: Float32Array,
): Float32Array {
  return Float32Array.from({ length: offsets.length * center.length }, (_, at) => {
    const l = at % center.length;
    return center[l]! + offsets[Math.floor(at / center.length)]! * direction[l]!;
  });
}

/**
 * Interpolates linearly between two codes, including exactly both ends.
 *
 * @param frames - number of codes, at least two
 * @returns `[frames, latentDim]`
 */
export function interpolate(from: Float32Array, to: Float32Array, frames: number): Float32Array {
  const codes = new Float32Array(frames * from.length);
  for (let i = 0; i < frames; i++) {
    const t = i / (frames - 1);
    for (let l = 0; l < from.length; l++) codes[i * from.length + l] = (1 - t) * from[l]! + t * to[l]!;
  }
  return codes;
}

/** Sorts dimensions by their information, the largest first; equal ones keep their order. */
export function rankDimensions(carried: readonly number[]): number[] {
  return carried.map((_, l) => l).sort((a, b) => carried[b]! - carried[a]! || a - b);
}

/** The squared difference between the pictures of two codes, averaged over pixels. @param ends - `[2, latentDim]` */
function spreadBetween(model: TrainedModel, ends: Float32Array): number {
  const pictures = model.decode(ends, 2);
  const half = pictures.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) sum += (pictures[i]! - pictures[half + i]!) ** 2;
  return sum / half;
}

/**
 * How much each dimension changes the picture: the squared difference between both ends, averaged over pixels. It
 * is used to rank dimensions without a known KL.
 */
export function decodedSpread(model: TrainedModel, center: Float32Array, range: number): number[] {
  const ends = Float32Array.of(-range, range);
  return Array.from(center, (_, dimension) =>
    spreadBetween(model, traversalCodes(model, center, dimension, ends)),
  );
}

/** The same for directions, such as those of independent axes. @param directions - each `[latentDim]` */
export function directionSpread(
  model: TrainedModel,
  center: Float32Array,
  directions: readonly Float32Array[],
  range: number,
): number[] {
  const ends = Float32Array.of(-range, range);
  return directions.map((direction) => spreadBetween(model, traverseDirection(center, direction, ends)));
}

/** The codes of a traversal. */
export interface Traversal {
  /** The code that is varied, `[latentDim]`. */ readonly center: Float32Array;
  readonly dimensions: readonly number[];
  /** The offsets of each dimension from the code's value. */
  readonly offsets: Float32Array;
}

/** Decodes a traversal: pictures by dimension, then value. */
export function decodeTraversal(
  model: TrainedModel,
  { center, dimensions, offsets }: Traversal,
): Picture[][] {
  return dimensions.map((dimension) => decodeCodes(model, traversalCodes(model, center, dimension, offsets)));
}

/**
 * Decodes codes `[n, latentDim]` into pictures.
 *
 * @param condition - the condition of a conditional model, as in {@link TrainedModel.decode}
 */
export function decodeCodes(model: TrainedModel, codes: Float32Array, condition?: Float32Array): Picture[] {
  const { imageSize, channels, latentDim } = model;
  const count = codes.length / latentDim;
  return picturesFromBatch([count, imageSize, imageSize, channels], model.decode(codes, count, condition));
}

/** Decodes a traversal along directions, such as those of independent axes: pictures by direction, then value. */
export function decodeDirections(
  model: TrainedModel,
  center: Float32Array,
  directions: readonly Float32Array[],
  offsets: Float32Array,
): Picture[][] {
  return directions.map((direction) => decodeCodes(model, traverseDirection(center, direction, offsets)));
}
