/** Points on the screen, in pixels; those that cannot be seen have NaN. */
export interface SeenPoints {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly depth: Float32Array;
  /** The radius of a point's disc at a depth, pixels. */
  radiusAt(depth: number): number;
}

/** So far beside a point one may point at it, pixels. */
export const REACH_PX = 10;

/**
 * The point that a person means at a pixel: of the discs under it the one in front, else the nearest within reach.
 *
 * @returns its index, or −1
 */
export function pick(points: SeenPoints, x: number, y: number, reachPx = REACH_PX): number {
  const { x: xs, y: ys, depth: depths } = points;
  let inFront = -1;
  let frontDepth = Infinity;
  let frontSquare = Infinity;
  let nearest = -1;
  let nearestSquare = reachPx * reachPx;
  for (let i = 0; i < xs.length; i++) {
    const dx = xs[i]! - x;
    const dy = ys[i]! - y;
    const square = dx * dx + dy * dy;
    // False for NaN too.
    if (!(square <= reachPx * reachPx)) continue;
    const depth = depths[i]!;
    const radius = points.radiusAt(depth);
    // In a flat view all have the same depth: there the disc with the nearest middle is meant.
    const isNearer = depth < frontDepth || (depth === frontDepth && square < frontSquare);
    if (square <= radius * radius && isNearer) {
      inFront = i;
      frontDepth = depth;
      frontSquare = square;
    }
    if (square < nearestSquare || nearest < 0) {
      nearest = i;
      nearestSquare = square;
    }
  }
  return inFront >= 0 ? inFront : nearest;
}

/**
 * The nearest point in a direction of the screen: within an eighth of a turn to either side of it.
 *
 * @param from - where one stands, pixels; the point itself and those under it do not count
 * @param dx - the direction, as long as one likes; y runs downwards
 * @returns its index, or −1 where there is nothing
 */
export function neighbourTowards(
  { x: xs, y: ys }: SeenPoints,
  from: { readonly x: number; readonly y: number; readonly index?: number },
  dx: number,
  dy: number,
): number {
  const length = Math.hypot(dx, dy);
  let nearest = -1;
  let nearestSquare = Infinity;
  for (let i = 0; i < xs.length; i++) {
    if (i === from.index) continue;
    const x = xs[i]! - from.x;
    const y = ys[i]! - from.y;
    const square = x * x + y * y;
    if (!(square < nearestSquare) || square < UNDER_PX * UNDER_PX) continue;
    const along = (x * dx + y * dy) / length;
    if (along > 0 && along * along * 2 >= square) {
      nearest = i;
      nearestSquare = square;
    }
  }
  return nearest;
}

/** Points this close look like one. */
const UNDER_PX = 1;
