import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  drawSprite,
  SPRITE_COUNT,
  SPRITE_FACTORS,
  SPRITE_FACTOR_SIZES,
  spriteClasses,
  spriteFactors,
} from '../../../src/engine/synthetic/sprites.ts';

const SIZE = 64;

/** dSprites' index: the mixed-radix number of the classes, the last fastest. */
function indexOf(shape: number, scale: number, orientation: number, x: number, y: number): number {
  return (((shape * 6 + scale) * 40 + orientation) * 32 + x) * 32 + y;
}

/** Number of white pixels, their centre, and the box around them. */
function measure(sprite: Uint8Array) {
  let [area, sumX, sumY] = [0, 0, 0];
  let [left, top, right, bottom] = [SIZE, SIZE, -1, -1];
  sprite.forEach((value, at) => {
    if (value === 0) return;
    const x = at % SIZE;
    const y = Math.floor(at / SIZE);
    area++;
    sumX += x + 0.5;
    sumY += y + 0.5;
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  return { area, x: sumX / area, y: sumY / area, left, top, right, bottom };
}

describe('sprites', () => {
  it('are the 737,280 combinations of dSprites’ factors', () => {
    expect(SPRITE_COUNT).toBe(737_280);
    expect(SPRITE_FACTOR_SIZES).toEqual([1, 3, 6, 40, 32, 32]);
    expect(SPRITE_FACTORS).toHaveLength(SPRITE_FACTOR_SIZES.length);
  });

  it('count through the factors, the last one fastest', () => {
    expect(spriteClasses(0)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(spriteClasses(1)).toEqual([0, 0, 0, 0, 0, 1]);
    expect(spriteClasses(32)).toEqual([0, 0, 0, 0, 1, 0]);
    expect(spriteClasses(1024)).toEqual([0, 0, 0, 1, 0, 0]);
    expect(spriteClasses(40_960)).toEqual([0, 0, 1, 0, 0, 0]);
    expect(spriteClasses(245_760)).toEqual([0, 1, 0, 0, 0, 0]);
    expect(spriteClasses(SPRITE_COUNT - 1)).toEqual([0, 2, 5, 39, 31, 31]);
    expect(spriteClasses(indexOf(1, 2, 33, 4, 15))).toEqual([0, 1, 2, 33, 4, 15]);
    expect(() => spriteClasses(SPRITE_COUNT)).toThrow(RangeError);
    expect(() => spriteClasses(-1)).toThrow(RangeError);
    expect(() => spriteClasses(0.5)).toThrow(RangeError);
  });

  it('have evenly spaced values that meet the ends of each range', () => {
    const values = (index: number) => Array.from(spriteFactors(index), (value) => Number(value.toFixed(5)));
    expect(values(0)).toEqual([0, 0, 0.5, 0, 0, 0]);
    expect(values(SPRITE_COUNT - 1)).toEqual([0, 2, 1, Number(((39 / 40) * 2 * Math.PI).toFixed(5)), 1, 1]);
    expect(values(indexOf(1, 3, 10, 0, 31))).toEqual([0, 1, 0.8, Number((Math.PI / 2).toFixed(5)), 0, 1]);
  });

  it('are the same bytes on every platform', () => {
    const hash = createHash('sha256');
    for (let orientation = 0; orientation < 40; orientation++) {
      for (const shape of [0, 1, 2]) {
        for (const scale of [0, 3, 5]) hash.update(drawSprite(indexOf(shape, scale, orientation, 5, 20)));
      }
    }
    expect(hash.digest('hex')).toBe('0e9573354f9e959b88443f617341e03c557e4457b29bb5e481c5d7fe48daeb6d');
  });

  it('are white or black and nothing between, whatever the array held', () => {
    const into = new Uint8Array(SIZE * SIZE).fill(77);
    expect(drawSprite(indexOf(2, 4, 7, 3, 9), into)).toBe(into);
    expect(new Set(into)).toEqual(new Set([0, 255]));
  });

  it('move by a pixel for a step in position, across first, and stay whole at the edges', () => {
    for (const shape of [0, 1, 2]) {
      for (let orientation = 0; orientation < 40; orientation++) {
        const corner = measure(drawSprite(indexOf(shape, 5, orientation, 0, 0)));
        const right = measure(drawSprite(indexOf(shape, 5, orientation, 31, 0)));
        const low = measure(drawSprite(indexOf(shape, 5, orientation, 0, 31)));
        expect(right).toEqual({ ...corner, x: right.x, left: corner.left + 31, right: corner.right + 31 });
        expect(right.x - corner.x).toBeCloseTo(31, 6);
        expect(low.y - corner.y).toBeCloseTo(31, 6);
        // A black frame of a pixel at least is what shows that nothing was cut off.
        expect(Math.min(corner.left, corner.top)).toBeGreaterThanOrEqual(1);
        expect(Math.max(right.right, low.bottom)).toBeLessThanOrEqual(SIZE - 2);
      }
    }
  });

  it('grow with the square of the scale', () => {
    for (const shape of [0, 1, 2]) {
      const full = measure(drawSprite(indexOf(shape, 5, 3, 16, 16))).area;
      for (const scale of [0, 1, 2, 3, 4]) {
        const { area } = measure(drawSprite(indexOf(shape, scale, 3, 16, 16)));
        expect(area / full).toBeCloseTo((0.5 + 0.1 * scale) ** 2, 1);
      }
    }
  });

  it('turn: a quarter turns a square onto itself, half an ellipse, and only a full one a heart', () => {
    const turned = (shape: number, orientation: number) => drawSprite(indexOf(shape, 5, orientation, 16, 16));
    expect(turned(0, 10)).toEqual(turned(0, 0));
    expect(turned(0, 5)).not.toEqual(turned(0, 0));
    expect(turned(1, 20)).toEqual(turned(1, 0));
    expect(turned(1, 10)).not.toEqual(turned(1, 0));
    const hearts = Array.from({ length: 40 }, (_, orientation) => turned(2, orientation).join());
    expect(new Set(hearts).size).toBe(40);
  });
});
