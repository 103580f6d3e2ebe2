import type { LinearProjection, Projection } from '../../../../contract/operations/codes.ts';

/** A place on the three axes of the scatter. */
export type Place = readonly [number, number, number];

/** Whether a projection has a third axis: a latent space of two dimensions has none, and an embedding may have none. */
export function hasThirdAxis(projection: Projection): boolean {
  if (projection.kind === 'embedded') return projection.positions.shape[1] === 3;
  const { data, shape } = projection.basis;
  return data.subarray(2 * shape[1]!).some((part) => part !== 0);
}

/** Positions of all images, `[images, 3]`; where there is no third axis its values are 0. */
export function positionsOf({ positions: { data, shape } }: Pick<Projection, 'positions'>): Float32Array {
  const [images = 0, axes = 3] = shape;
  if (axes === 3) return data;
  const positions = new Float32Array(images * 3);
  for (let i = 0; i < images; i++) positions.set(data.subarray(i * 2, i * 2 + 2), i * 3);
  return positions;
}

/** Where a code lies on the three axes: basis · (z − mean). */
export function placeOf(
  { basis, mean }: Pick<LinearProjection, 'basis' | 'mean'>,
  z: Float32Array,
): [number, number, number] {
  const place: [number, number, number] = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) {
    let sum = 0;
    for (let l = 0; l < z.length; l++) sum += basis.data[axis * z.length + l]! * (z[l]! - mean.data[l]!);
    place[axis] = sum;
  }
  return place;
}

/**
 * The code at a place. What the three axes do not show of `z` stays as it is, which makes the way there and back meet
 * exactly.
 */
export function codeAt(
  projection: Pick<LinearProjection, 'basis' | 'inverse' | 'mean'>,
  place: Place,
  z: Float32Array,
): Float32Array {
  const { inverse } = projection;
  const from = placeOf(projection, z);
  const moved = z.slice();
  for (let axis = 0; axis < 3; axis++) {
    const distance = place[axis]! - from[axis]!;
    for (let l = 0; l < z.length; l++) moved[l]! += distance * inverse.data[axis * z.length + l]!;
  }
  return moved;
}
