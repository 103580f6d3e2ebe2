import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitImages } from '../../../src/engine/inference/fit-images.ts';

const colour64 = { imageSize: 64, channels: 3 } as const;
const grey64 = { imageSize: 64, channels: 1 } as const;
const grey32 = { imageSize: 32, channels: 1 } as const;

function greyImages(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 64 * 64 }, (_, i) => (i * 37 + (i >> 6)) % 256);
}

describe('fitImages', () => {
  it('gives back what fits already', () => {
    const images = greyImages(2);
    expect(fitImages(images, grey64, grey64)).toBe(images);
  });

  it('repeats grey, and luma undoes it', () => {
    const images = greyImages(2);
    const colour = fitImages(images, grey64, colour64);
    expect([...colour.subarray(0, 6)]).toEqual([0, 0, 0, 37, 37, 37]);
    expect(Buffer.from(fitImages(colour, colour64, grey64)).equals(images)).toBe(true);
  });

  it('halves by the mean of four pixels, image by image', () => {
    const images = greyImages(3);
    const halved = fitImages(images, grey64, grey32);
    expect(halved).toHaveLength(3 * 32 * 32);
    fc.assert(
      fc.property(fc.nat(2), fc.nat(31), fc.nat(31), (image, y, x) => {
        const at = (dy: number, dx: number) => images[image * 4096 + (2 * y + dy) * 64 + 2 * x + dx]!;
        const mean = (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
        expect(halved[image * 1024 + y * 32 + x]).toBe(Math.floor(mean + 0.5));
      }),
    );
  });
});
