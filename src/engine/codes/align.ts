import { Matrix, SingularValueDecomposition } from 'ml-matrix';

const AXES = 3;

/**
 * Turns and mirrors positions so that they lie as close as they can to where the same points lay before: the
 * orthogonal Procrustes problem (Schönemann 1966). Distances between points stay what they are.
 *
 * @param positions - `[count, 3]`, about the origin
 * @param before - the same points' positions then, `[count, 3]`, about the origin
 * @returns `[count, 3]`, new
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
