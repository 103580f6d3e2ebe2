import { describe, expect, it } from 'vitest';
import { cropBox, hasCelebaShape } from '../../../src/engine/image-files/crop.ts';

describe('the part of a picture that is kept', () => {
  it("is the paper's box in CelebA's aligned faces", () => {
    expect(cropBox('auto', 178, 218)).toEqual({ left: 30, top: 50, right: 148, bottom: 168 });
    expect(cropBox('celeba', 178, 218)).toEqual({ left: 30, top: 50, right: 148, bottom: 168 });
  });

  it('scales along with their size', () => {
    expect(cropBox('auto', 89, 109)).toEqual({ left: 15, top: 25, right: 74, bottom: 84 });
    const box = cropBox('auto', 267, 327)!;
    expect(box.left).toBeCloseTo(45);
    expect(box.right).toBeCloseTo(222);
    expect(box.bottom - box.top).toBeCloseTo(177);
  });

  it('is the centre square otherwise', () => {
    expect(cropBox('auto', 100, 60)).toEqual({ left: 20, top: 0, right: 80, bottom: 60 });
    expect(cropBox('square', 61, 100)).toEqual({ left: 0, top: 19.5, right: 61, bottom: 80.5 });
    expect(cropBox('square', 178, 218)).toEqual({ left: 0, top: 20, right: 178, bottom: 198 });
  });

  it('is everything if nothing is to be cut', () => {
    expect(cropBox('none', 178, 218)).toEqual({ left: 0, top: 0, right: 178, bottom: 218 });
  });

  it("is nothing where CelebA's box is asked of another shape", () => {
    expect(cropBox('celeba', 200, 200)).toBeUndefined();
  });

  it("knows CelebA's shape at any size, and other portraits from it", () => {
    for (const scale of [0.25, 0.5, 0.77, 1, 1.3, 2, 4]) {
      expect(hasCelebaShape(Math.round(178 * scale), Math.round(218 * scale))).toBe(true);
    }
    for (const [width, height] of [
      [218, 178],
      [200, 250],
      [150, 200],
      [64, 64],
      [8, 10],
    ] as const) {
      expect(hasCelebaShape(width, height)).toBe(false);
    }
  });
});
