/** Where the points are: what the camera fits into the picture. */
export interface Bounds {
  /** The mean of the points. */
  readonly centre: readonly [number, number, number];
  /** From the centre to all but the furthest points. */
  readonly radius: number;
  /** The middle between the ends of each axis, without the few outermost points, and half the distance of the ends. */
  readonly middle: readonly [number, number, number];
  readonly half: readonly [number, number, number];
}

/** Of the points, how many a sphere round the centre holds. */
const SHOWN_PART = 0.985;
/** Of the points, how many may lie beyond each end of an axis. */
const OUTSIDE_PART = 0.005;
/** Enough for quantiles, and quick whatever the number of points. */
const SAMPLE = 5000;

export const UNIT_BOUNDS: Bounds = { centre: [0, 0, 0], radius: 1, middle: [0, 0, 0], half: [1, 1, 1] };

/**
 * The bounds of points, robust against a few outliers.
 *
 * @param positions - `[points, 3]`
 */
export function boundsOf(positions: Float32Array): Bounds {
  const count = positions.length / 3;
  if (count === 0) return UNIT_BOUNDS;
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const sampled = Math.ceil(count / step);
  const axes = [0, 1, 2].map((axis) =>
    Float64Array.from({ length: sampled }, (_, i) => positions[i * step * 3 + axis]!),
  ) as [Float64Array, Float64Array, Float64Array];
  const centre = ofAxes((axis) => axes[axis]!.reduce((sum, value) => sum + value, 0) / sampled);
  const distances = Float64Array.from({ length: sampled }, (_, i) =>
    Math.hypot(axes[0][i]! - centre[0], axes[1][i]! - centre[1], axes[2][i]! - centre[2]),
  ).sort();
  const radius = distances[Math.min(sampled - 1, Math.floor(sampled * SHOWN_PART))]!;
  const outside = Math.floor(sampled * OUTSIDE_PART);
  const ends = ofAxes((axis) => {
    const sorted = axes[axis]!.slice().sort();
    return [sorted[outside]!, sorted[sampled - 1 - outside]!] as const;
  });
  return {
    centre,
    radius: radius > 0 ? radius : 1,
    middle: ofAxes((axis) => (ends[axis]![0] + ends[axis]![1]) / 2),
    half: ofAxes((axis) => (ends[axis]![1] - ends[axis]![0]) / 2),
  };
}

function ofAxes<T>(value: (axis: number) => T): [T, T, T] {
  return [value(0), value(1), value(2)];
}
