import type { Colour } from '../palette.ts';

/**
 * The properties of a face that the parts of the portrait share, computed from the factors.
 *
 * Units: 64 across the picture, whatever its size in pixels. The parts draw in the head's frame: origin between the
 * eyes and the nose, x to the viewer's right, y down, z towards the viewer.
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

/** The x coordinate at which a point of the turned head appears. */
export function acrossAt(pose: Pose, x: number, z: number): number {
  return x * pose.cos + z * pose.sin;
}

/** The depth of a point of the turned head: positive towards the viewer. */
export function depthAt(pose: Pose, x: number, z: number): number {
  return z * pose.cos - x * pose.sin;
}
