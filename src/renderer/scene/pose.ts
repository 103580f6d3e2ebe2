import { MathUtils, Vector3 } from 'three';

/** Where the camera stands: `distance` away from what it looks at, turned by two angles. */
export interface Pose {
  readonly target: Vector3;
  /** For an orthographic camera the distance at which a perspective one shows as much. */
  distance: number;
  /** Round the vertical axis, radians; 0 looks along −z. */
  azimuth: number;
  /** From the vertical axis, radians. */
  polar: number;
  /**
   * 1 for the whole perspective, 0 for none. Between them the camera stands further away and sees a narrower angle,
   * so that what is at the target keeps its size.
   */
  perspective: number;
}

/** The first axis to the right and away, the second upwards, the third towards the viewer. */
export const FROM_THE_SIDE = {
  azimuth: MathUtils.degToRad(-38),
  polar: MathUtils.degToRad(72),
  perspective: 1,
} as const;
/** The first axis to the right, the second upwards; the third is not seen. */
export const FLAT = { azimuth: 0, polar: Math.PI / 2, perspective: 0 } as const;

export function makePose(): Pose {
  return { target: new Vector3(), distance: 1, ...FROM_THE_SIDE };
}

export function copyPose(to: Pose, from: Pose): void {
  to.target.copy(from.target);
  to.distance = from.distance;
  to.azimuth = from.azimuth;
  to.polar = from.polar;
  to.perspective = from.perspective;
}

/** Puts a pose between two others; `part` 0 is the first. */
export function mixPoses(out: Pose, from: Pose, to: Pose, part: number): void {
  out.target.lerpVectors(from.target, to.target, part);
  // Distances are ratios: halfway between 1 and 4 is 2.
  out.distance = from.distance * (to.distance / from.distance) ** part;
  out.azimuth = MathUtils.lerp(from.azimuth, to.azimuth, part);
  out.polar = MathUtils.lerp(from.polar, to.polar, part);
  out.perspective = MathUtils.lerp(from.perspective, to.perspective, part);
}

/** The same angle, at most half a turn away from `from`. */
export function nearestTurn(angle: number, from: number): number {
  return angle + Math.round((from - angle) / (2 * Math.PI)) * 2 * Math.PI;
}
