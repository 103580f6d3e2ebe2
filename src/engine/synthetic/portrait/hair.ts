import type { Canvas, Mask } from '../canvas.ts';
import { mix, rgb, WHITE } from '../palette.ts';
import {
  above,
  arc,
  clamp01,
  ellipse,
  outside,
  roundedBox,
  shear,
  smoothIntersect,
  smoothStep,
  smoothUnion,
  transpose,
  type Shape,
} from '../shapes.ts';
import { acrossAt, depthAt, type Pose } from './pose.ts';

const SHADE = rgb(0x221428);

/** Opacity of the hair: very short hair is transparent; from a sixth of the maximum length on it is opaque. */
function visibility({ hairLength }: Pose): number {
  return smoothStep(0, 0.15, hairLength);
}

/** The y coordinate of the hair's lowest point, from the ears to below the shoulders. */
function lowestPoint(hairLength: number): number {
  return 1 + 27 * smoothStep(0.15, 1.05, hairLength);
}

/** The hair behind neck and shoulders; short hair stays hidden behind the head. */
export function paintBackHair(canvas: Canvas, pose: Pose): void {
  const { hairLength, sin } = pose;
  const thickness = 3 * smoothStep(0.05, 0.6, hairLength);
  const bottom = lowestPoint(hairLength) - 0.8;
  const top = -11 - thickness;
  const halfWidth = 11.6 + thickness * 0.9 + 1.3 * smoothStep(0.4, 1, hairLength);
  const mass = roundedBox(-2.6 * sin, (top + bottom) / 2, halfWidth, (bottom - top) / 2, 11);
  const dark = mix(pose.hair, SHADE, 0.34);
  canvas.paint(mass, dark, { opacity: visibility(pose) });
}

/** The outline of the hair on the head and of the locks that frame the face and fall over the shoulders. */
function frontHair(pose: Pose): Shape {
  const { hairLength, sin } = pose;
  const thickness = 0.2 + 3 * smoothStep(0.05, 0.6, hairLength);
  const long = smoothStep(0.3, 0.95, hairLength);
  const deep = 2.4 * sin * sin;
  const skull = ellipse(
    -2.6 * sin,
    -3.4 - 0.45 * thickness,
    12.9 + 0.8 * thickness + deep,
    13.1 + 0.75 * thickness,
  );
  const cap = smoothIntersect(skull, above(2.5 + 2.5 * long), 3);
  const all = smoothUnion(smoothUnion(cap, lockOf(pose, -1), 3), lockOf(pose, 1), 3);
  return smoothIntersect(all, outside(faceOpening(pose)), 0.8);
}

/** The shadow of the hair on the face, along the inner edge of the opening. */
export function paintHairShadow(canvas: Canvas, pose: Pose, head: Mask): void {
  const { distance } = faceOpening(pose);
  const opacity = 0.7 * visibility(pose);
  const shadow = {
    ...outside(faceOpening(pose)),
    distance: (x: number, y: number) => -distance(x - 0.4, y - 1.1),
  };
  canvas.paint(shadow, pose.skinShade, { opacity, softness: 2.4, clip: head });
}

/** Paints the shape of {@link frontHair}, lit from above. */
export function paintFrontHair(canvas: Canvas, pose: Pose): void {
  const opacity = visibility(pose);
  const hair = canvas.mask(frontHair(pose));
  const light = mix(pose.hair, WHITE, 0.1);
  canvas.paintMask(hair, { from: light, to: mix(pose.hair, SHADE, 0.26), fromY: -14, toY: 14 }, opacity);
  canvas.paint(arc(-2.5 + 2 * pose.sin, -11.2, 8, -3.4, 1.4), WHITE, {
    opacity: 0.17 * opacity,
    softness: 2.8,
    clip: hair,
  });
  paintStrands(canvas, pose, hair, opacity);
}

/** How far along a half of the cap each strand lies, and whether it is lit. */
const CAP_STRANDS = [0.16, 0.3, 0.44, 0.58, 0.72, 0.86] as const;
const LOCK_STRANDS = [-0.62, -0.2, 0.22, 0.64] as const;

/** Strands that follow the hair: from the parting over the cap, and down the locks. Every second one is lit. */
function paintStrands(canvas: Canvas, pose: Pose, hair: Mask, opacity: number): void {
  const light = mix(pose.hair, WHITE, 0.34);
  const dark = mix(pose.hair, SHADE, 0.5);
  const { sin } = pose;
  CAP_STRANDS.forEach((at, i) => {
    const colour = i % 2 === 0 ? dark : light;
    const halfWidth = 15 - 9.5 * at;
    // The parting is on the viewer's left; the strands fall from it to the right, less curved further down.
    const strand = arc(2.2 + 5 * sin, -13.4 + 11 * at, halfWidth, -4.6 + 1.2 * at, 0.14);
    canvas.paint(shear(strand, -6 + 5 * sin, 0.16 + 0.2 * at), colour, {
      opacity: 0.5 * opacity,
      clip: hair,
    });
  });
  for (const side of [-1, 1]) {
    const near = clamp01(1 + (depthAt(pose, side * 12, 0) - 0.5) / 8);
    const bottom = Math.max(-2 + (lowestPoint(pose.hairLength) + 1) * near, -1);
    const middle = acrossAt(pose, side * 11.9, 0) - 0.5 * sin;
    const bulge = side * (0.8 + 1.6 * smoothStep(0.3, 0.95, pose.hairLength));
    LOCK_STRANDS.forEach((at, i) => {
      const colour = i % 2 === 0 ? light : dark;
      const strand = arc((bottom - 4) / 2, middle + 3.2 * at, (bottom + 4) / 2, bulge, 0.14);
      canvas.paint(transpose(strand), colour, { opacity: 0.45 * opacity * near, clip: hair });
    });
  }
}

/** The area that the hair does not cover: the face, below a fringe that is swept to one side. */
function faceOpening({ sin }: Pose): Shape {
  const face = ellipse(8.6 * sin, 5, 10.9, 15.2);
  const fringe = ellipse(8 * sin - 6.5, -14.6, 11.5, 6);
  return smoothIntersect(face, outside(fringe), 2);
}

/** The lock on one side, curved outwards; the far one disappears behind the head as it turns. */
function lockOf(pose: Pose, side: number): Shape {
  const { hairLength, sin } = pose;
  const long = smoothStep(0.3, 0.95, hairLength);
  const near = clamp01(1 + (depthAt(pose, side * 12, 0) - 0.5) / 8);
  // With a negative radius, nothing of the far lock is painted.
  const radius = (1 + 2.9 * smoothStep(0.15, 0.55, hairLength)) * near - 0.6;
  const bottom = Math.max(-2 + (lowestPoint(hairLength) - radius + 2) * near, -1);
  const top = -5;
  const halfLength = (bottom - top) / 2;
  const x = acrossAt(pose, side * 11.9, 0) - 0.5 * sin;
  return transpose(arc((top + bottom) / 2, x, halfLength, side * (0.6 + 1.6 * long), radius));
}
