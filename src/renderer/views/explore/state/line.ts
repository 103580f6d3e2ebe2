/** Farther from a line than this, for its length, a code does not lie on it. */
const TOLERANCE = 1e-4;

/** ‖a − b‖. */
export function distanceBetween(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let l = 0; l < a.length; l++) sum += (a[l]! - b[l]!) ** 2;
  return Math.sqrt(sum);
}

/** The code at a part of the straight way between two; both ends are met exactly. */
export function codeAlong(start: Float32Array, end: Float32Array, part: number): Float32Array {
  return start.map((value, l) => (1 - part) * value + part * end[l]!);
}

/** How much of the straight way between two codes lies behind a code, 0 to 1; undefined for one beside it. */
export function partAlong(z: Float32Array, start: Float32Array, end: Float32Array): number | undefined {
  const length = distanceBetween(start, end);
  if (length === 0) return undefined;
  let dot = 0;
  for (let l = 0; l < z.length; l++) dot += (z[l]! - start[l]!) * (end[l]! - start[l]!);
  const part = dot / length ** 2;
  const isBeside =
    part < -TOLERANCE ||
    part > 1 + TOLERANCE ||
    distanceBetween(z, codeAlong(start, end, part)) > TOLERANCE * length;
  return isBeside ? undefined : Math.max(0, Math.min(1, part));
}
