import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaResize, type Box, type Pixels } from '../../../src/engine/data/area-resize.ts';

/** The share of [pixel, pixel + 1) that lies within [from, to). */
function share(pixel: number, from: number, to: number): number {
  return Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from));
}

/** The definition, pixel by pixel: the mean of what each target covers. */
function naive({ width, height, pixelBytes, channels, data }: Pixels, box: Box, size: number): number[] {
  const out: number[] = [];
  const stepX = (box.right - box.left) / size;
  const stepY = (box.bottom - box.top) / size;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let sy = 0; sy < height; sy++) {
          for (let sx = 0; sx < width; sx++) {
            const weight =
              share(sx, box.left + x * stepX, box.left + (x + 1) * stepX) *
              share(sy, box.top + y * stepY, box.top + (y + 1) * stepY);
            sum += weight * data[(sy * width + sx) * pixelBytes + c]!;
          }
        }
        out.push(sum / (stepX * stepY));
      }
    }
  }
  return out;
}

const layout = fc.constantFrom<Pick<Pixels, 'pixelBytes' | 'channels'>>(
  { pixelBytes: 1, channels: 1 },
  { pixelBytes: 3, channels: 3 },
  { pixelBytes: 4, channels: 3 },
);

const picture = fc
  .tuple(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 23 }), layout, fc.integer())
  .map(([width, height, { pixelBytes, channels }, seed]): Pixels => {
    const data = Uint8Array.from(
      { length: width * height * pixelBytes },
      (_, i) => Math.imul(i + seed, 2654435761) >>> 24,
    );
    return { width, height, pixelBytes, channels, data };
  });

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const boxIn = ({ width, height }: Pixels) =>
  fc.tuple(fraction, fraction, fraction, fraction).map(([a, b, c, d]): Box => {
    const left = a * (width - 0.5);
    const top = b * (height - 0.5);
    return {
      left,
      top,
      right: left + 0.25 + c * (width - left - 0.25),
      bottom: top + 0.25 + d * (height - top - 0.25),
    };
  });

describe('resizing by area', () => {
  it('gives the mean of what each pixel covers, for any box and size', () => {
    const cases = picture.chain((source) =>
      fc.tuple(fc.constant(source), boxIn(source), fc.integer({ min: 1, max: 9 })),
    );
    fc.assert(
      fc.property(cases, ([source, box, size]) => {
        const into = new Uint8Array(size * size * source.channels);
        areaResize(source, box, size, into);
        const exact = naive(source, box, size);
        // Half a unit of rounding, and a little where the exact value lies on a half.
        exact.forEach((value, i) => expect(Math.abs(into[i]! - value)).toBeLessThanOrEqual(0.5 + 1e-6));
      }),
      { numRuns: 300 },
    );
  });

  it('copies the picture when nothing has to be resized', () => {
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 256);
    const into = new Uint8Array(data.length);
    areaResize(
      { width: 64, height: 64, pixelBytes: 3, channels: 3, data },
      { left: 0, top: 0, right: 64, bottom: 64 },
      64,
      into,
    );
    expect(into).toEqual(data);
  });

  it('keeps a constant picture constant', () => {
    const cases = picture.chain((source) => fc.tuple(fc.constant(source), boxIn(source), fc.nat(255)));
    fc.assert(
      fc.property(cases, ([source, box, value]) => {
        const into = new Uint8Array(32 * 32 * source.channels);
        areaResize({ ...source, data: new Uint8Array(source.data.length).fill(value) }, box, 32, into);
        expect(into.every((byte) => byte === value)).toBe(true);
      }),
    );
  });

  it('preserves the mean of the whole picture', () => {
    fc.assert(
      fc.property(picture, (source) => {
        const { width, height, pixelBytes, channels, data } = source;
        const into = new Uint8Array(64 * 64 * channels);
        areaResize(source, { left: 0, top: 0, right: width, bottom: height }, 64, into);
        const mean = (bytes: ArrayLike<number>, step: number, count: number) => {
          let sum = 0;
          for (let i = 0; i < count; i++) sum += bytes[i * step]!;
          return sum / count;
        };
        expect(Math.abs(mean(into, channels, 4096) - mean(data, pixelBytes, width * height))).toBeLessThan(
          0.5,
        );
      }),
    );
  });
});
