import type { Canvas, Mask } from '../canvas.ts';
import { INK, mix, rgb, WHITE } from '../palette.ts';
import {
  arc,
  belowArc,
  capsule,
  ellipse,
  intersect,
  outside,
  roundedBox,
  shear,
  smoothStep,
} from '../shapes.ts';
import { acrossAt, depthAt, type Pose } from './pose.ts';

const EYE_X = 5.7;
const EYE_Z = 10.6;
const EYE_Y = 0.5;
/**
 * Depth of an eye when the head looks straight ahead. The depth of the turned eye divided by it gives the
 * foreshortening.
 */
const EYE_DEPTH = EYE_Z;
const GLASSES_Y = EYE_Y + 0.4;
const FRAME = rgb(0x15131c);

/** Both eyes: lid, white, iris clipped by the lid's edge, lashes along it. */
export function paintEyes(canvas: Canvas, pose: Pose): void {
  for (const side of [-1, 1]) paintEye(canvas, pose, side);
}

function paintEye(canvas: Canvas, pose: Pose, side: number): void {
  // The lid rises faster than the factor, so that a half open eye looks relaxed, not tired.
  const open = pose.eyesOpen * (1.4 - 0.4 * pose.eyesOpen);
  const x = acrossAt(pose, side * EYE_X, EYE_Z);
  const width = 3.7 * foreshortening(pose, side);
  const height = 4.2;
  const ball = ellipse(x, EYE_Y, width, height);
  // The lid's edge: curved downwards when closed, upwards when open.
  const ends = EYE_Y + 1.3 - 1.2 * open;
  const sag = 1.9 - (height + 1.6) * open;
  const shown = intersect(ball, belowArc(x, ends, width * 1.06, sag));
  const opacity = smoothStep(0.02, 0.22, open);
  canvas.paint(ball, pose.skinShade, { opacity: 0.55, softness: 1 });
  const shownMask = canvas.mask(shown);
  canvas.paintMask(
    shownMask,
    { from: rgb(0xe3e4ec), to: WHITE, fromY: ends + sag, toY: ends + sag + 2.5 },
    opacity,
  );
  const gaze = x + 0.5 * pose.sin;
  canvas.paint(ellipse(gaze, EYE_Y + 0.2, 2.5 * Math.min(1, 0.3 + width / 5.2), 2.9), rgb(0x4b2c22), {
    opacity,
    clip: shownMask,
  });
  canvas.paint(ellipse(gaze, EYE_Y + 0.3, 1.35, 1.7), rgb(0x170f14), { opacity, clip: shownMask });
  canvas.paint(ellipse(gaze - 0.8, EYE_Y - 0.9, 0.9, 0.9), WHITE, { opacity, clip: shownMask });
  canvas.paint(arc(x, ends, width * 1.06, sag, 0.62), INK);
}

/**
 * Brows in the hair's colour, darkened so that they are visible with fair hair. Wide open eyes raise them, and a
 * frown raises their inner ends.
 */
export function paintBrows(canvas: Canvas, pose: Pose, head: Mask): void {
  const colour = mix(mix(pose.hair, INK, 0.35), pose.skinShade, 0.12);
  for (const side of [-1, 1]) {
    const x = acrossAt(pose, side * 6.1, 10.6);
    const y = -5.4 - 1.2 * pose.eyesOpen - 0.5 * pose.mouthOpen;
    const brow = arc(x, y, 3.1 * foreshortening(pose, side), -1.1 - 0.3 * pose.eyesOpen, 0.75);
    canvas.paint(shear(brow, x, side * (0.18 - 0.12 * pose.smile)), colour, { clip: head });
  }
}

/** The temple pieces of the glasses, which are under the hair; the far one disappears behind the head. */
export function paintTemples(canvas: Canvas, pose: Pose): void {
  if (!pose.hasSunglasses) return;
  for (const side of [-1, 1]) {
    const hinge = acrossAt(pose, side * 10.4, 8.5);
    const ear = acrossAt(pose, side * 13, 0);
    canvas.paint(capsule(hinge, GLASSES_Y - 1.8, 0.8, ear, GLASSES_Y - 1, 0.65), FRAME, {
      opacity: smoothStep(-2, 2, depthAt(pose, side * 13, 0)),
    });
  }
}

/** Dark glasses that hide the eyes. */
export function paintSunglasses(canvas: Canvas, pose: Pose): void {
  if (!pose.hasSunglasses) return;
  const y = GLASSES_Y;
  canvas.paint(capsule(acrossAt(pose, -3, 12.6), y - 1.4, 0.8, acrossAt(pose, 3, 12.6), y - 1.4, 0.8), FRAME);
  for (const side of [-1, 1]) {
    const f = foreshortening(pose, side);
    const x = acrossAt(pose, side * 5.9, 11.6);
    canvas.paint(roundedBox(x, y, 5.1 * f, 4.4, 3.2), FRAME);
    const lens = canvas.mask(roundedBox(x, y, 5.1 * f - 0.7, 3.7, 2.6));
    canvas.paintMask(lens, { from: rgb(0x20202f), to: rgb(0x545a80), fromY: y - 3, toY: y + 4 });
    canvas.paint(capsule(x - 2 * f, y + 1.4, 0.6, x - 0.2 * f, y - 2, 0.9), WHITE, {
      opacity: 0.34,
      clip: lens,
    });
  }
}

/** The mouth: a frown, a line or a broad smile that shows teeth and tongue. */
export function paintMouth(canvas: Canvas, pose: Pose): void {
  const { smile, mouthOpen } = pose;
  const x = acrossAt(pose, 0, 11.4);
  const narrow = 1 - 0.55 * pose.sin * pose.sin;
  const broad = smoothStep(0, 1.2, smile);
  const halfWidth = (4.5 + 2.9 * broad) * narrow;
  const corners = 9.7 - 1.9 * smile;
  const upperSag = 3.4 * smile - 1.2 * mouthOpen;
  const opening = 5.6 * mouthOpen;
  const lowerSag = upperSag + opening;
  const line = mix(mix(pose.skinShade, rgb(0x6e1f2e), 0.75), INK, 0.1);
  const lip = mix(pose.skin, rgb(0xc44a57), 0.55);

  canvas.paint(arc(x, corners + 0.8, halfWidth * 0.62, 0.85 * upperSag + opening, 0.9), lip, {
    softness: 1,
    opacity: 0.3 + 0.4 * broad,
  });
  if (mouthOpen > 0) {
    const between = intersect(
      belowArc(x, corners, halfWidth, upperSag),
      outside(belowArc(x, corners, halfWidth, lowerSag)),
    );
    // Beyond the corners the two curves cross, so the area is limited to the width of the mouth.
    const middle = corners + lowerSag / 2;
    const inside = canvas.mask(intersect(between, roundedBox(x, middle, halfWidth, lowerSag / 2 + 1.5, 0)));
    const opacity = smoothStep(0, 0.12, mouthOpen);
    canvas.paintMask(inside, rgb(0x5e1424), opacity);
    const tongue = ellipse(x, corners + lowerSag + 0.5, halfWidth * 0.5, 2);
    canvas.paint(tongue, rgb(0xdb5f6b), { opacity, clip: inside });
    const teeth = outside(belowArc(x, corners, halfWidth * 0.96, upperSag + 0.48 * opening));
    canvas.paint(teeth, WHITE, { opacity: 0.97 * opacity, clip: inside });
    canvas.paint(arc(x, corners, halfWidth, lowerSag, 0.4), line, { opacity: 0.8 * opacity });
  }
  canvas.paint(arc(x, corners, halfWidth, upperSag, 0.7), line);
}

/** Width of an eye of the turned head relative to its width when the head looks straight ahead. */
function foreshortening(pose: Pose, side: number): number {
  return Math.min(1, 0.18 + (0.82 * depthAt(pose, side * EYE_X, EYE_Z)) / EYE_DEPTH);
}
