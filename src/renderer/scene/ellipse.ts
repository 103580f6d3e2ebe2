import type { Vector3 } from 'three';

/** An ellipse on the screen: half its axes, and the angle of the first from the right, downwards. */
export interface Ellipse {
  major: number;
  minor: number;
  angle: number;
}

/**
 * What a Gaussian's ±1 σ looks like from the camera: the 2×2 covariance S C Sᵀ on the screen, along its own axes.
 *
 * @param covariance - C on the three axes, `[3, 3]`, symmetric
 * @param right - unit vectors of the screen, S
 * @param scale - pixels of one unit
 */
export function seenEllipse(
  covariance: ArrayLike<number>,
  right: Readonly<Vector3>,
  up: Readonly<Vector3>,
  scale: number,
  out: Ellipse,
): Ellipse {
  const xx = product(covariance, right, right);
  const yy = product(covariance, up, up);
  // The screen's y runs downwards.
  const xy = -product(covariance, right, up);
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  out.major = scale * Math.sqrt(Math.max(0, middle + spread));
  out.minor = scale * Math.sqrt(Math.max(0, middle - spread));
  out.angle = Math.atan2(2 * xy, xx - yy) / 2;
  return out;
}

function product(c: ArrayLike<number>, a: Readonly<Vector3>, b: Readonly<Vector3>): number {
  return (
    a.x * (c[0]! * b.x + c[1]! * b.y + c[2]! * b.z) +
    a.y * (c[3]! * b.x + c[4]! * b.y + c[5]! * b.z) +
    a.z * (c[6]! * b.x + c[7]! * b.y + c[8]! * b.z)
  );
}
