import type { LinearProjection } from '../../../../contract/operations/codes.ts';

/** A place on the three axes of the scatter. */
export type Place = readonly [number, number, number];

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
 * The code at a place: the nearest one to `z` that lies there. What the three axes do not show stays as it is, which
 * makes the way there and back meet exactly.
 */
export function codeAt(
  projection: Pick<LinearProjection, 'basis' | 'mean'>,
  place: Place,
  z: Float32Array,
): Float32Array {
  const { basis } = projection;
  const from = placeOf(projection, z);
  const moved = z.slice();
  for (let axis = 0; axis < 3; axis++) {
    const distance = place[axis]! - from[axis]!;
    for (let l = 0; l < z.length; l++) moved[l]! += distance * basis.data[axis * z.length + l]!;
  }
  return moved;
}
