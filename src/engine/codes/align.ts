import { Matrix, SingularValueDecomposition } from 'ml-matrix';

const AXES = 3;

/**
 * Rotates and mirrors positions to be as close as possible to the same points' earlier positions: the orthogonal
 * Procrustes problem (Schönemann 1966). Distances between points do not change.
 *
 * @param positions - `[count, 3]`, centred on the origin
 * @param before - the same points' earlier positions, `[count, 3]`, centred on the origin
 * @returns a new array, `[count, 3]`
 */
export function alignPositions(positions: Float32Array, before: Float32Array): Float32Array {
  const crossed = Matrix.zeros(AXES, AXES);
  for (let i = 0; i < positions.length; i += AXES) {
    for (let a = 0; a < AXES; a++) {
      for (let b = 0; b < AXES; b++) {
        crossed.set(a, b, crossed.get(a, b) + positions[i + a]! * before[i + b]!);
      }
    }
  }
  const { leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(crossed);
  const turn = leftSingularVectors.mmul(rightSingularVectors.transpose());
  const aligned = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += AXES) {
    for (let b = 0; b < AXES; b++) {
      let value = 0;
      for (let a = 0; a < AXES; a++) value += positions[i + a]! * turn.get(a, b);
      aligned[i + b] = value;
    }
  }
  return aligned;
}
