import type { ImageSize } from '../../contract/image-size.ts';
import type { FactorSpec } from './factor-spec.ts';

/**
 * The factors of dSprites (Matthey et al. 2017), in its order. The index enumerates their combinations, the last
 * factor varying fastest. The value of a categorical factor is the category's index (in dSprites' file, shapes are
 * numbered from 1).
 */
export const SPRITE_FACTORS = [
  { name: 'colour', type: 'categorical', categories: ['white'] },
  { name: 'shape', type: 'categorical', categories: ['square', 'ellipse', 'heart'] },
  { name: 'scale', type: 'continuous', range: [0.5, 1] },
  { name: 'orientation', type: 'continuous', range: [0, 2 * Math.PI] },
  { name: 'horizontal position', type: 'continuous', range: [0, 1] },
  { name: 'vertical position', type: 'continuous', range: [0, 1] },
] as const satisfies readonly FactorSpec[];

/** Number of values of each factor, in the order of {@link SPRITE_FACTORS}. */
export const SPRITE_FACTOR_SIZES = [1, 3, 6, 40, 32, 32] as const;

/** The number of combinations: 737,280. */
export const SPRITE_COUNT = 1 * 3 * 6 * 40 * 32 * 32;

/**
 * Width and height of a sprite's picture, which has one channel. As in dSprites, one step of position is one pixel.
 */
export const SPRITE_SIZE_PX = 64 satisfies ImageSize;
/** The size of a sprite's picture in bytes. */
export const SPRITE_BYTES = SPRITE_SIZE_PX * SPRITE_SIZE_PX;

/** The index of a sprite's value of each factor. */
export type SpriteClasses = [
  colour: number,
  shape: number,
  scale: number,
  orientation: number,
  posX: number,
  posY: number,
];

/**
 * Computes the index of a sprite's value of each factor.
 *
 * @param index - 0 to {@link SPRITE_COUNT} − 1
 * @returns six indices, in the order of {@link SPRITE_FACTORS}
 * @throws RangeError for an index outside the set
 */
export function spriteClasses(index: number): SpriteClasses {
  if (!Number.isInteger(index) || index < 0 || index >= SPRITE_COUNT) {
    throw new RangeError(`There is no sprite ${index}: they are numbered 0 to ${SPRITE_COUNT - 1}.`);
  }
  const classes: SpriteClasses = [0, 0, 0, 0, 0, 0];
  let rest = index;
  for (let factor = classes.length - 1; factor >= 0; factor--) {
    const size = SPRITE_FACTOR_SIZES[factor]!;
    classes[factor] = rest % size;
    rest = Math.floor(rest / size);
  }
  return classes;
}

/**
 * The factors' values of one sprite: category indices, the scale, the orientation in radians (clockwise as seen),
 * the position as a fraction of the way from left to right and from top to bottom.
 *
 * The forty orientations are evenly spaced over the circle. In dSprites' file the last one is 2π, so that its first
 * and last orientation look the same.
 *
 * @param index - 0 to {@link SPRITE_COUNT} − 1
 * @returns `[6]`, in the order of {@link SPRITE_FACTORS}
 */
export function spriteFactors(index: number): Float32Array {
  const [colour, shape, scale, orientation, x, y] = spriteClasses(index);
  return Float32Array.of(
    colour,
    shape,
    scaleOf(scale),
    (orientation * 2 * Math.PI) / SPRITE_FACTOR_SIZES[3],
    x / (SPRITE_FACTOR_SIZES[4] - 1),
    y / (SPRITE_FACTOR_SIZES[5] - 1),
  );
}

/**
 * Draws one sprite of the full set, white (255) on black (0), completely inside the picture.
 *
 * One step of position is one pixel, so a shape is drawn once for each scale and orientation, and then copied.
 *
 * @param index - 0 to {@link SPRITE_COUNT} − 1
 * @param into - receives the image, at least 4,096 long; a new array if left out
 * @returns bytes, `[64, 64, 1]`
 */
export function drawSprite(index: number, into: Uint8Array = new Uint8Array(SPRITE_BYTES)): Uint8Array {
  const [, shape, scale, orientation, left, top] = spriteClasses(index);
  const stamp = stampOf(shape, scale, orientation);
  into.fill(0, 0, SPRITE_BYTES);
  for (let row = 0; row < STAMP_PX; row++) {
    into.set(stamp.subarray(row * STAMP_PX, (row + 1) * STAMP_PX), (top + row) * SPRITE_SIZE_PX + left);
  }
  return into;
}

/**
 * Width of a stamp, an image of one shape around its middle pixel, large enough for every rotation. With it, the 32
 * positions reach both edges.
 */
const STAMP_PX = 33;
/** Radius of the circle about each shape at scale 1. */
const RADIUS_PX = 15.9;
/** cos of 0°, 9°, … 90°, as constants, because platforms differ in the last digit of Math.cos. */
const COSINES = [
  1, 0.9876883405951378, 0.9510565162951535, 0.8910065241883679, 0.8090169943749475, 0.7071067811865476,
  0.5877852522924731, 0.45399049973954675, 0.30901699437494745, 0.15643446504023087, 0,
];
const stamps = new Map<number, Uint8Array>();

function scaleOf(scaleClass: number): number {
  return 0.5 + (0.5 * scaleClass) / (SPRITE_FACTOR_SIZES[2] - 1);
}

function stampOf(shape: number, scale: number, orientation: number): Uint8Array {
  const key = (shape * SPRITE_FACTOR_SIZES[2] + scale) * SPRITE_FACTOR_SIZES[3] + orientation;
  let stamp = stamps.get(key);
  if (!stamp) {
    stamp = drawStamp(shape, RADIUS_PX * scaleOf(scale), orientation);
    stamps.set(key, stamp);
  }
  return stamp;
}

/** A pixel is white if its centre is inside the shape. */
function drawStamp(shape: number, radiusPx: number, orientation: number): Uint8Array {
  const [cos, sin] = directionOf(orientation);
  const isInside = [isInsideSquare, isInsideEllipse, isInsideHeart][shape]!;
  const stamp = new Uint8Array(STAMP_PX * STAMP_PX);
  const middle = (STAMP_PX - 1) / 2;
  for (let row = 0; row < STAMP_PX; row++) {
    for (let column = 0; column < STAMP_PX; column++) {
      const x = (column - middle) / radiusPx;
      const y = (row - middle) / radiusPx;
      if (isInside(x * cos + y * sin, y * cos - x * sin)) stamp[row * STAMP_PX + column] = 255;
    }
  }
  return stamp;
}

/** Cosine and sine of `orientation` fortieths of the circle, from the constants of the first quadrant. */
function directionOf(orientation: number): [cos: number, sin: number] {
  const quarter = Math.floor(orientation / 10);
  const cos = COSINES[orientation % 10]!;
  const sin = COSINES[10 - (orientation % 10)]!;
  const directions: [number, number][] = [
    [cos, sin],
    [-sin, cos],
    [-cos, -sin],
    [sin, -cos],
  ];
  return directions[quarter]!;
}

// The three shapes in the unit circle, y down.

function isInsideSquare(x: number, y: number): boolean {
  return Math.max(Math.abs(x), Math.abs(y)) <= Math.SQRT1_2;
}

function isInsideEllipse(x: number, y: number): boolean {
  return x * x + 4 * y * y <= 1;
}

/** The sextic heart (x² + y² − 1)³ ≤ x²y³, moved and scaled into the unit circle, with its point down. */
function isInsideHeart(x: number, y: number): boolean {
  const u = 1.28 * x;
  const v = 0.2 - 1.28 * y;
  const w = u * u + v * v - 1;
  return w * w * w <= u * u * v * v * v;
}
