import { createRandom } from '../basics/random.ts';
import { Canvas } from './canvas.ts';
import type { FactorSpec } from './factor-spec.ts';
import { along, BACKGROUNDS, HAIRS, mix, rgb, SHIRTS, SKINS, WHITE } from './palette.ts';
import { paintBrows, paintEyes, paintMouth, paintSunglasses, paintTemples } from './portrait/features.ts';
import { paintBackHair, paintFrontHair, paintHairShadow } from './portrait/hair.ts';
import {
  headOutline,
  paintBeard,
  paintBody,
  paintEars,
  paintNearEar,
  paintNose,
  paintSkin,
} from './portrait/head.ts';
import type { Pose } from './portrait/pose.ts';
import { ellipse, smoothStep } from './shapes.ts';

/** The independent known factors of the sample faces, in the order of {@link faceFactors}. */
export const FACE_FACTORS = [
  { name: 'background hue', type: 'continuous', range: [0, 1] },
  { name: 'skin tone', type: 'continuous', range: [0, 1] },
  { name: 'hair colour', type: 'continuous', range: [0, 1] },
  { name: 'hair length', type: 'continuous', range: [0, 1] },
  { name: 'sunglasses', type: 'binary' },
  { name: 'beard', type: 'continuous', range: [0, 1] },
  { name: 'smile', type: 'continuous', range: [-1, 1] },
  { name: 'eyes open', type: 'continuous', range: [0, 1] },
  { name: 'turn', type: 'continuous', range: [-1, 1] },
  { name: 'head size', type: 'continuous', range: [0.9, 1.22] },
  { name: 'horizontal position', type: 'continuous', range: [-1, 1] },
  { name: 'vertical position', type: 'continuous', range: [-1, 1] },
  { name: 'shirt colour', type: 'continuous', range: [0, 1] },
] as const satisfies readonly FactorSpec[];

const FACTOR_COUNT = FACE_FACTORS.length;
/** Drawing units across the picture, whatever its size in pixels. */
const UNITS = 64;
/** tan(θ/2) of the furthest turn, about 30° either way. */
const FURTHEST_TURN = 0.265;

/**
 * The factors of one face, which are independent: each continuous factor is uniform in its range, each binary
 * factor is 0 or 1 with equal probability.
 *
 * @param seed - the data set's seed
 * @param index - index of the face, which can be computed without the earlier ones
 * @returns `[13]`, in the order of {@link FACE_FACTORS}
 */
export function faceFactors(seed: number, index: number): Float32Array {
  const random = createRandom(seed, 'face', index);
  const factors = new Float32Array(FACTOR_COUNT);
  FACE_FACTORS.forEach((factor, at) => {
    const u = random.uniform();
    factors[at] =
      factor.type === 'binary'
        ? u < 0.5
          ? 0
          : 1
        : factor.range[0] + u * (factor.range[1] - factor.range[0]);
  });
  return factors;
}

/**
 * Draws a face from its factors. It is the same portrait at every size, and has the same bytes on every platform.
 *
 * @param factors - thirteen values in the order of {@link FACE_FACTORS}
 * @param sizePx - width and height
 * @param into - receives the image, at least `sizePx · sizePx · 3` long; a new array if left out
 * @returns RGB bytes, `[sizePx, sizePx, 3]`
 */
export function drawFace(
  factors: ArrayLike<number>,
  sizePx: number,
  into: Uint8Array = new Uint8Array(sizePx * sizePx * 3),
): Uint8Array {
  const canvas = canvasOf(sizePx);
  const value = (at: number) => factors[at]!;
  const background = along(BACKGROUNDS, value(0));
  const pose = poseOf(factors);

  canvas.setFrame(0, 0, 1);
  canvas.fillBackground(mix(background, WHITE, 0.16), mix(background, rgb(0x4a4468), 0.14));
  canvas.setFrame(UNITS / 2 + 4 * value(10), 28 + 3.2 * value(11), value(9));
  canvas.paint(ellipse(0, 2, 30, 30), WHITE, { softness: 24, opacity: 0.16 });
  const head = canvas.mask(headOutline(pose));
  paintBackHair(canvas, pose);
  paintBody(canvas, pose);
  paintEars(canvas, pose);
  paintSkin(canvas, pose, head);
  paintNearEar(canvas, pose);
  paintHairShadow(canvas, pose, head);
  paintBeard(canvas, pose);
  paintMouth(canvas, pose);
  paintEyes(canvas, pose);
  paintNose(canvas, pose);
  paintTemples(canvas, pose);
  paintFrontHair(canvas, pose);
  paintBrows(canvas, pose, head);
  paintSunglasses(canvas, pose);
  canvas.writeTo(into);
  return into;
}

function poseOf(factors: ArrayLike<number>): Pose {
  const value = (at: number) => factors[at]!;
  // Sine and cosine are computed from the tangent of the half angle, with basic arithmetic only, because the
  // results of Math.sin depend on the platform.
  const t = FURTHEST_TURN * value(8);
  const skin = along(SKINS, value(1));
  return {
    sin: (2 * t) / (1 + t * t),
    cos: (1 - t * t) / (1 + t * t),
    hairLength: value(3),
    hasSunglasses: value(4) >= 0.5,
    beard: value(5),
    smile: value(6),
    mouthOpen: smoothStep(0.15, 1, value(6)),
    eyesOpen: value(7),
    skin,
    skinShade: mix(skin, rgb(0x8c2f3c), 0.26),
    hair: along(HAIRS, value(2)),
    shirt: along(SHIRTS, value(12)),
  };
}

let lastCanvas: Canvas | undefined;

/** The canvas is reused, because thousands of faces are drawn at the same size. */
function canvasOf(sizePx: number): Canvas {
  if (lastCanvas?.sizePx !== sizePx) lastCanvas = new Canvas(sizePx, UNITS);
  return lastCanvas;
}
