import type { Colour } from '../palette.ts';

/**
 * Everything the parts of a portrait need to know, worked out once from the factors.
 *
 * Units: 64 across the picture, whatever its size in pixels. The parts draw in the head's frame: origin between
 * the eyes and the nose, x to the viewer's right, y down, z towards the viewer.
 */
export interface Pose {
  /** Sine and cosine of the turn about the vertical axis; positive looks to the viewer's right. */
  readonly sin: number;
  readonly cos: number;
  readonly hairLength: number;
  readonly beard: number;
  readonly smile: number;
  readonly eyesOpen: number;
  readonly hasSunglasses: boolean;
  /** The smile's mouth: 0 closed to 1 wide open, which also lowers the jaw. */
  readonly mouthOpen: number;
  readonly skin: Colour;
  readonly skinShade: Colour;
  readonly hair: Colour;
  readonly shirt: Colour;
}

/** Where a point of the turned head appears, x across. */
export function acrossAt(pose: Pose, x: number, z: number): number {
  return x * pose.cos + z * pose.sin;
}

/** How near a point of the turned head is: positive towards the viewer. */
export function depthAt(pose: Pose, x: number, z: number): number {
  return z * pose.cos - x * pose.sin;
}
