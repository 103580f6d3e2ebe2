import { Matrix, SingularValueDecomposition } from 'ml-matrix';

const AXES = 3;
/** Neighbouring components whose variances have at least this ratio are nearly as principal in any rotation of the two. */
const SIMILAR = 0.75;

/**
 * Rotates and mirrors positions to be as close as possible to the same points' earlier positions: the orthogonal
 * Procrustes problem (Schönemann 1966). Distances between points do not change.
 *
 * @param positions - `[count, 3]`, centred on the origin
 * @param before - the same points' earlier positions, `[count, 3]`, centred on the origin
 * @param axes - which axes are rotated into each other; the others stay
 * @returns a new array, `[count, 3]`
 */
export function alignPositions(
  positions: Float32Array,
  before: Float32Array,
  axes: readonly number[] = [0, 1, 2],
): Float32Array {
  const crossed = Matrix.zeros(axes.length, axes.length);
  for (let i = 0; i < positions.length; i += AXES) {
    axes.forEach((from, a) =>
      axes.forEach((to, b) => crossed.set(a, b, crossed.get(a, b) + positions[i + from]! * before[i + to]!)),
    );
  }
  const { leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(crossed);
  const turn = leftSingularVectors.mmul(rightSingularVectors.transpose());
  const aligned = positions.slice();
  for (let i = 0; i < positions.length; i += AXES) {
    axes.forEach((to, b) => {
      aligned[i + to] = axes.reduce((sum, from, a) => sum + positions[i + from]! * turn.get(a, b), 0);
    });
  }
  return aligned;
}

/**
 * Aligns principal components with the same points' earlier ones, so that they do not flip between epochs, and keeps
 * them sorted. A component is mirrored; neighbours of similar variance are rotated into each other, because nearly any
 * rotation of those is as principal as any other. A rotation of all three would mix components of different variance.
 *
 * @param positions - `[count, 3]`, principal components in descending order of variance
 * @param before - the same points' earlier positions, `[count, 3]`
 * @returns a new array, `[count, 3]`, in descending order of variance
 */
export function alignComponents(positions: Float32Array, before: Float32Array): Float32Array {
  const held = variancesOf(positions);
  let aligned = positions;
  for (const axes of similarAxes(held)) aligned = alignPositions(aligned, before, axes);
  // Rotated components share their variance anew.
  const rotated = variancesOf(aligned);
  const order = [0, 1, 2].sort((a, b) => rotated[b]! - rotated[a]!);
  let sorted: Float32Array = Float32Array.from(
    aligned,
    (_, i) => aligned[i - (i % AXES) + order[i % AXES]!]!,
  );
  // An axis that has changed its place is mirrored to match the one that was there.
  for (const axis of order.filter((from, to) => from !== to)) sorted = alignPositions(sorted, before, [axis]);
  return sorted;
}

/** Sums of squares of each axis, to which the variances are proportional. */
function variancesOf(positions: Float32Array): number[] {
  const sums = [0, 0, 0];
  positions.forEach((value, i) => (sums[i % AXES]! += value * value));
  return sums;
}

/** The axes in groups of similar variance. */
function similarAxes(variances: readonly number[]): number[][] {
  const groups: number[][] = [[0]];
  for (let axis = 1; axis < AXES; axis++) {
    const isSimilar = variances[axis]! >= SIMILAR * variances[axis - 1]!;
    if (isSimilar) groups.at(-1)!.push(axis);
    else groups.push([axis]);
  }
  return groups;
}
