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
  paintIris(canvas, x + 0.5 * pose.sin, Math.min(1, 0.3 + width / 5.2), opacity, shownMask);
  // The upper lid's shadow on the eye.
  canvas.paint(arc(x, ends + 0.5, width * 1.06, sag, 0.5), INK, {
    opacity: 0.3 * opacity,
    softness: 1,
    clip: shownMask,
  });
  canvas.paint(arc(x, EYE_Y + 2.6, width * 0.8, 1.5, 0.14), pose.skinShade, { opacity: 0.8 * opacity });
  canvas.paint(arc(x, ends, width * 1.06, sag, 0.5), INK);
  // The lid's fold and the lashes would be seen beside the glasses.
  if (pose.hasSunglasses) return;
  const fold = arc(x, ends - 1.5, width * 0.95, 0.75 * sag - 0.7, 0.18);
  canvas.paint(fold, mix(pose.skinShade, INK, 0.35), { opacity: 0.55 * opacity });
  paintLashes(canvas, x, ends, width * 1.06, sag, side);
}

/** Iris, pupil and the light's reflections, limited to the part of the eye that the lid leaves open. */
function paintIris(canvas: Canvas, x: number, narrow: number, opacity: number, clip: Mask): void {
  const iris = ellipse(x, EYE_Y + 0.2, 2.5 * narrow, 2.9);
  canvas.paint(iris, rgb(0x2e1a16), { opacity, clip });
  const lit = { from: rgb(0x4b2c22), to: rgb(0x9a6238), fromY: EYE_Y - 1.6, toY: EYE_Y + 2.6 };
  canvas.paint(ellipse(x, EYE_Y + 0.2, 2.05 * narrow, 2.4), lit, { opacity, clip });
  canvas.paint(ellipse(x, EYE_Y + 0.2, 1.2 * narrow, 1.4), rgb(0x120b10), { opacity, clip });
  canvas.paint(ellipse(x - 0.8, EYE_Y - 0.9, 0.75, 0.8), WHITE, { opacity, clip });
  canvas.paint(ellipse(x + 0.9, EYE_Y + 1.5, 0.35, 0.35), WHITE, { opacity: 0.75 * opacity, clip });
}

/** Three lashes at the outer end of the lid's edge, which is the arc given. */
function paintLashes(
  canvas: Canvas,
  x: number,
  ends: number,
  halfWidth: number,
  sag: number,
  side: number,
): void {
  // They point down when the lid is closed and up when it is open.
  const rise = 0.7 - 1.7 * smoothStep(-1.5, 1.5, -sag);
  for (const along of [0.68, 0.82, 0.95]) {
    const rootX = x + side * halfWidth * along;
    const rootY = ends + sag * (1 - along * along);
    canvas.paint(capsule(rootX, rootY, 0.3, rootX + side * 0.65, rootY + 0.7 * rise, 0.1), INK);
  }
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
    const width = 3.1 * foreshortening(pose, side);
    const sag = -1.1 - 0.3 * pose.eyesOpen;
    const slope = side * (0.18 - 0.12 * pose.smile);
    canvas.paint(shear(arc(x, y, width, sag, 0.7), x, slope), colour, { clip: head });
    // Single hairs above the brow, which lie towards the temple.
    for (const along of [-0.8, -0.45, -0.1, 0.25]) {
      const rootX = x + side * width * along;
      const rootY = y + sag * (1 - along * along) - 0.25;
      const hair = capsule(rootX, rootY, 0.3, rootX + side * 0.95, rootY - 0.3, 0.12);
      canvas.paint(shear(hair, x, slope), colour, { clip: head });
    }
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
    canvas.paint(capsule(x + 0.2 * f, y + 1.8, 0.2, x + 1.6 * f, y - 1.6, 0.3), WHITE, {
      opacity: 0.3,
      clip: lens,
    });
    // Light along the upper edge of the frame, and the hinge's rivet.
    canvas.paint(arc(x, y - 3.7, 3.4 * f, -0.35, 0.16), rgb(0x8a86a0), { opacity: 0.75 });
    canvas.paint(ellipse(x + side * 4.5 * f, y - 2.1, 0.34, 0.34), rgb(0xc9b98a));
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
    const shownTeeth = intersect(teeth, roundedBox(x, middle, halfWidth, lowerSag / 2 + 1.5, 0));
    canvas.paint(shownTeeth, WHITE, { opacity: 0.97 * opacity, clip: inside });
    for (const along of [-0.5, -0.17, 0.17, 0.5]) {
      const gap = x + along * halfWidth;
      const top = corners + upperSag * (1 - along * along);
      canvas.paint(capsule(gap, top, 0.09, gap, top + 0.42 * opening, 0.09), rgb(0x9aa0b4), {
        opacity: 0.5 * opacity,
        clip: inside,
      });
    }
    canvas.paint(arc(x, corners, halfWidth, lowerSag, 0.4), line, { opacity: 0.8 * opacity });
  }
  canvas.paint(arc(x, corners, halfWidth, upperSag, 0.6), line);
  // Light on the lower lip, and the fold at each corner.
  canvas.paint(arc(x - 0.4, corners + 1.5 + opening, halfWidth * 0.34, 0.4 * upperSag, 0.22), WHITE, {
    softness: 0.8,
    opacity: 0.28,
  });
  for (const side of [-1, 1]) {
    canvas.paint(ellipse(x + side * halfWidth, corners, 0.5, 0.55), line);
  }
}

/** Width of an eye of the turned head relative to its width when the head looks straight ahead. */
function foreshortening(pose: Pose, side: number): number {
  return Math.min(1, 0.18 + (0.82 * depthAt(pose, side * EYE_X, EYE_Z)) / EYE_DEPTH);
}
