import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnravelError } from '../../contract/errors.ts';
import type { Axes, LinearProjection } from '../../contract/operations/codes.ts';
import { tensor } from '../../contract/tensor.ts';
import { meanAndVariance, principalComponents } from './principal-components.ts';

const AXES = 3;
const ROWS_PER_TURN = 20_000;

/** Three directions in a latent space, with their parts of the variance. */
export interface Frame {
  /** `[latentDim]`. */
  readonly mean: Float64Array;
  /** `[3][latentDim]`; rows of zeros if the latent space has fewer dimensions. */
  readonly basis: readonly Float64Array[];
  /** How a code changes along each axis, `[3][latentDim]`; the basis where that is orthonormal. */
  readonly inverse: readonly Float64Array[];
  readonly variance: [number, number, number];
}

/** Three numbers relative to a total; 0 if the total is 0. */
export function partsOf(values: ArrayLike<number>, total: number): [number, number, number] {
  const part = (axis: number): number => (total > 0 ? (values[axis] ?? 0) / total : 0);
  return [part(0), part(1), part(2)];
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

async function principalFrame(codes: Float32Array, latentDim: number): Promise<Frame> {
  const { mean, components, variances } = await principalComponents(codes, latentDim);
  const basis = Array.from({ length: AXES }, (_, axis) => components[axis] ?? new Float64Array(latentDim));
  return { mean, basis, inverse: basis, variance: partsOf(variances, sum(variances)) };
}

/** Three dimensions as axes. Positions are values of z, so the mean is not subtracted. */
async function dimensionFrame(
  codes: Float32Array,
  latentDim: number,
  dimensions: readonly [number, number, number],
): Promise<Frame> {
  const outside = dimensions.find((dimension) => dimension >= latentDim);
  if (outside !== undefined) {
    throw new UnravelError('bad-input', `The model has no dimension ${outside}.`, {
      hint: `Its dimensions are numbered 0 to ${latentDim - 1}.`,
    });
  }
  const { variance } = await meanAndVariance(codes, latentDim);
  const isFirst = firstOnly(dimensions);
  const basis = dimensions.map((dimension, axis) => {
    const direction = new Float64Array(latentDim);
    if (isFirst(axis)) direction[dimension] = 1;
    return direction;
  });
  const held = dimensions.map((dimension, axis) => (isFirst(axis) ? variance[dimension]! : 0));
  const mean = new Float64Array(latentDim);
  return { mean, basis, inverse: basis, variance: partsOf(held, sum(variance)) };
}

/** What is on two axes would count twice in the inverse, so the second one is zero. */
export function firstOnly(chosen: readonly number[]): (axis: number) => boolean {
  return (axis) => chosen.indexOf(chosen[axis]!) === axis;
}

/** basis · (code − mean) of every code, `[count, 3]`. */
async function positionsOf(
  codes: Float32Array,
  latentDim: number,
  { mean, basis }: Frame,
): Promise<Float32Array> {
  const count = codes.length / latentDim;
  const positions = new Float32Array(count * AXES);
  for (let start = 0; start < count; start += ROWS_PER_TURN) {
    const end = Math.min(count, start + ROWS_PER_TURN);
    basis.forEach((direction, axis) => {
      for (let i = start; i < end; i++) {
        let position = 0;
        for (let l = 0; l < latentDim; l++)
          position += direction[l]! * (codes[i * latentDim + l]! - mean[l]!);
        positions[i * AXES + axis] = position;
      }
    });
    await nextTurn();
  }
  return positions;
}

/**
 * Projects all codes to three axes: the principal components or three dimensions.
 *
 * @param codes - `[count, latentDim]`
 * @throws UnravelError `bad-input` for a dimension that does not exist
 */
export async function projectCodes(
  codes: Float32Array,
  latentDim: number,
  axes: Exclude<Axes, { kind: 'independent' }>,
): Promise<LinearProjection> {
  const frame =
    axes.kind === 'pca'
      ? await principalFrame(codes, latentDim)
      : await dimensionFrame(codes, latentDim, axes.dimensions);
  return projectOnto(codes, latentDim, frame);
}

/** Projects all codes to the three axes of a frame. @param codes - `[count, latentDim]` */
export async function projectOnto(
  codes: Float32Array,
  latentDim: number,
  frame: Frame,
): Promise<LinearProjection> {
  const positions = await positionsOf(codes, latentDim, frame);
  const rows = (directions: readonly Float64Array[]): Float32Array =>
    Float32Array.from(directions.flatMap((direction) => [...direction]));
  return {
    kind: 'linear',
    positions: tensor('f32', [positions.length / AXES, AXES], positions),
    variance: frame.variance,
    basis: tensor('f32', [AXES, latentDim], rows(frame.basis)),
    inverse: tensor('f32', [AXES, latentDim], rows(frame.inverse)),
    mean: tensor('f32', [latentDim], Float32Array.from(frame.mean)),
  };
}
