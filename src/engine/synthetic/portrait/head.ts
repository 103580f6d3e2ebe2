import type { Canvas, Mask } from '../canvas.ts';
import { mix, rgb, WHITE } from '../palette.ts';
import {
  above,
  arc,
  capsule,
  ellipse,
  intersect,
  outside,
  roundedBox,
  smoothIntersect,
  smoothStep,
  smoothUnion,
  superellipse,
  transpose,
  type Shape,
} from '../shapes.ts';
import { acrossAt, depthAt, type Pose } from './pose.ts';

const SHADE = rgb(0x221428);

/** The head's outline without ears. When the head turns, the jaw moves to the side more than the cranium. */
export function headOutline(pose: Pose): Shape {
  return smoothUnion(
    ellipse(-1.2 * pose.sin, -3.2, 12.9, 13),
    ellipse(
      5 * pose.sin,
      5.6 + 1.1 * pose.mouthOpen,
      10.2 - 0.8 * pose.sin * pose.sin,
      10.8 + 1.1 * pose.mouthOpen,
    ),
    6,
  );
}

/** Shirt, neck and the head's shadow on it. The body does not turn. */
export function paintBody(canvas: Canvas, pose: Pose): void {
  const shirt = superellipse(0, 45.5, 24.5, 26);
  const dark = mix(pose.shirt, rgb(0x1c1635), 0.28);
  canvas.paint(shirt, { from: mix(pose.shirt, WHITE, 0.08), to: dark, fromY: 20, toY: 44 });
  // Shadows that separate the sleeves.
  for (const side of [-1, 1]) {
    canvas.paint(capsule(side * 16, 31, 0.5, side * 15, 60, 0.5), dark, { opacity: 0.45, softness: 1.6 });
  }
  const neckline = ellipse(0, 19, 8.2, 6.2);
  canvas.paint(intersect(neckline, shirt), dark);
  // The collar's seam and a row of stitches' light below it.
  canvas.paint(arc(0, 21, 9, 5.4, 0.16), dark, { opacity: 0.7 });
  canvas.paint(arc(0, 21.6, 9.2, 5.5, 0.12), mix(pose.shirt, WHITE, 0.3), { opacity: 0.6 });
  const neck = smoothUnion(roundedBox(0, 13, 5.4, 8.5, 3), ellipse(0, 18.5, 6.8, 5), 3);
  const neckMask = canvas.mask(neck);
  canvas.paintMask(neckMask, pose.skin);
  canvas.paint(ellipse(2 * pose.sin, 13, 10, 7.6), pose.skinShade, {
    softness: 1.5,
    opacity: 0.9,
    clip: neckMask,
  });
}

/** Ears behind the head. The near one is painted again by {@link paintNearEar}. */
export function paintEars(canvas: Canvas, pose: Pose): void {
  for (const side of [-1, 1]) paintEar(canvas, pose, side, 1);
}

/** The ear on the side that is turned to the viewer, fading in over the head's edge as it comes forward. */
export function paintNearEar(canvas: Canvas, pose: Pose): void {
  for (const side of [-1, 1]) {
    paintEar(canvas, pose, side, smoothStep(0.5, 4, depthAt(pose, side * 12.8, -0.6)));
  }
}

function paintEar(canvas: Canvas, pose: Pose, side: number, opacity: number): void {
  const x = acrossAt(pose, side * 13, -0.5);
  canvas.paint(ellipse(x, 1.8, 2.5, 3.7), mix(pose.skin, pose.skinShade, 0.35), { opacity });
  canvas.paint(ellipse(x + 0.3 * side, 1.9, 1.2, 2.1), pose.skinShade, { opacity, softness: 0.8 });
  canvas.paint(transpose(arc(1.6, x + 0.4 * side, 2, 0.8 * side, 0.2)), mix(pose.skinShade, SHADE, 0.3), {
    opacity: 0.7 * opacity,
  });
}

/** The face's skin with its soft shading and cheeks. */
export function paintSkin(canvas: Canvas, pose: Pose, head: Mask): void {
  canvas.paintMask(head, pose.skin);
  // The light comes from the upper left: the area outside a shifted ellipse is in shade.
  canvas.paint(outside(ellipse(-3 + 4 * pose.sin, -3.5, 14, 18.5)), pose.skinShade, {
    softness: 6,
    opacity: 0.75,
    clip: head,
  });
  canvas.paint(ellipse(-4 + 7 * pose.sin, -7, 8, 6), WHITE, { softness: 7, opacity: 0.13, clip: head });
  const blush = mix(pose.skin, rgb(0xe0455a), 0.42);
  for (const side of [-1, 1]) {
    const near = depthAt(pose, side * 7.4, 10) / 12;
    const lift = 0.9 * pose.mouthOpen;
    canvas.paint(ellipse(acrossAt(pose, side * 7.4, 10), 5.6 - lift, 3.2 * near + 0.3, 2.6), blush, {
      softness: 3,
      opacity: 0.4 + 0.2 * pose.smile,
      clip: head,
    });
  }
}

/** The nose, with a bridge that shows as the head turns. */
export function paintNose(canvas: Canvas, pose: Pose): void {
  const tip = acrossAt(pose, 0, 14.6);
  const root = acrossAt(pose, 0, 11.2);
  const tone = mix(pose.skinShade, rgb(0xa03c3c), 0.12);
  canvas.paint(capsule(root, -1, 0.5, tip + 0.2, 3.2, 1.1), tone, {
    softness: 1.4,
    opacity: Math.min(0.75, 0.12 + 2.4 * pose.sin * pose.sin),
  });
  canvas.paint(ellipse(tip, 4, 2.1, 1.4), tone, { opacity: 0.95 });
  canvas.paint(ellipse(tip - 0.25, 3.3, 1.75, 1.45), mix(pose.skin, WHITE, 0.12));
  canvas.paint(ellipse(tip - 0.55, 2.9, 0.5, 0.4), WHITE, { softness: 0.6, opacity: 0.5 });
  for (const side of [-1, 1]) {
    canvas.paint(ellipse(tip + side * 0.95, 4.6, 0.42, 0.26), mix(tone, SHADE, 0.6), { opacity: 0.8 });
  }
}

/** Beard and moustache: none, stubble, or a full beard below the chin. */
export function paintBeard(canvas: Canvas, pose: Pose): void {
  const { beard, sin } = pose;
  const full = smoothStep(0.35, 1, beard);
  const open = 1.1 * pose.mouthOpen;
  const jaw = smoothUnion(
    ellipse(5 * sin, 6 + open + 2 * full, 10.3 + 0.7 * full, 10.6 + open + 2.8 * full),
    ellipse(-1.2 * sin, -3.2, 12.9 + 0.2 * full, 13),
    6,
  );
  const cheeks = ellipse(9.5 * sin, -1.8, 13 - 0.9 * full, 9);
  const hairy = smoothIntersect(outside(above(1.2)), outside(cheeks), 2);
  const colour = mix(pose.hair, SHADE, 0.14);
  canvas.paint(
    { ...jaw, minY: 0, distance: hairy.distance },
    { from: colour, to: mix(colour, SHADE, 0.25), fromY: 7, toY: 20 },
    { opacity: 0.97 * smoothStep(0, 0.62, beard), softness: 1.4, clip: canvas.mask({ ...jaw, minY: 0 }) },
  );
}
