/** Crowded points share their room: diameters are this part of the mean distance between them. */
const CROWDED = 0.45;
/** With more room, diameters grow more slowly than the distance: as this power of it. */
const POWER = 0.6;
/** From this distance on. There both rules give the same diameter, so that the size has no step. */
const ROOMY_PX = 8.4;
export const SMALLEST_DOT_PX = 2.2;
export const LARGEST_DOT_PX = 12;

/**
 * The diameter of a point when all are in sight, pixels: fewer points in a larger picture are larger. 300 points in
 * 640 × 560 pixels have 9, 20,000 have 2.2.
 */
export function dotSize(count: number, width: number, height: number): number {
  const apart = Math.sqrt((width * height) / Math.max(1, count));
  const size = apart < ROOMY_PX ? CROWDED * apart : CROWDED * ROOMY_PX ** (1 - POWER) * apart ** POWER;
  return Math.min(LARGEST_DOT_PX, Math.max(SMALLEST_DOT_PX, size));
}
