import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageOf } from '../../../src/engine/image-files/area-coverage.ts';
import { isSmall, resizeSmall } from '../../../src/engine/image-files/area-kernel.ts';
import { areaResize } from '../../../src/engine/image-files/area-resize.ts';
import type { Box, Pixels } from '../../../src/engine/image-files/pixels.ts';

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

  it('rounds a mean between two bytes up, wherever it comes from', () => {
    // Two columns of unlike bytes become 64 pairs of columns of which every mean lies between two bytes.
    for (const pixelBytes of [3, 4] as const) {
      const data = Uint8Array.from(
        { length: 128 * 128 * pixelBytes },
        (_, i) => 100 + (Math.floor(i / pixelBytes) % 2),
      );
      const into = new Uint8Array(64 * 64 * 3);
      const box = { left: 0, top: 0, right: 128, bottom: 128 };
      areaResize({ width: 128, height: 128, pixelBytes, channels: 3, data }, box, 64, into);
      expect(into.every((byte) => byte === 101)).toBe(true);
    }
  });
});

describe('resizing small pictures in integers', () => {
  /** A picture in colour and a box of whole pixels' size, at whole 64ths. */
  const small = fc
    .record({
      width: fc.integer({ min: 1, max: 150 }),
      height: fc.integer({ min: 1, max: 150 }),
      seed: fc.integer(),
      part: fc.tuple(fraction, fraction, fraction, fraction),
      // Pictures of two values have the most sums at the limits and between two bytes.
      hard: fc.boolean(),
    })
    .map(({ width, height, seed, part: [a, b, c, d], hard }) => {
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const byte = Math.imul(i + seed, 2654435761) >>> 24;
        return hard ? (byte & 1) * 255 : byte;
      });
      const side = (share: number, limit: number): number =>
        1 + Math.floor(share * (Math.min(limit, 128) - 1));
      const right = side(c, width);
      const bottom = side(d, height);
      const left = Math.floor(a * (width - right) * 64) / 64;
      const top = Math.floor(b * (height - bottom) * 64) / 64;
      const box: Box = { left, top, right: left + right, bottom: top + bottom };
      return { source: { width, height, pixelBytes: 3, channels: 3, data } satisfies Pixels, box };
    });

  function inIntegers(source: Pixels, { left, top, right, bottom }: Box): Uint8Array {
    const into = new Uint8Array(64 * 64 * 3);
    const rows = coverageOf('rows', top, bottom, source.height, 64);
    const columns = coverageOf('columns', left, right, source.width, 64);
    expect(resizeSmall(source, { left, top, right, bottom }, rows, columns, into)).toBe(true);
    return into;
  }

  /** The same picture with a fourth byte a pixel, which the integers do not take. */
  function inDoubles({ width, height, data }: Pixels, box: Box): Uint8Array {
    const four = new Uint8Array(width * height * 4);
    for (let i = 0; i < width * height; i++) four.set(data.subarray(i * 3, i * 3 + 3), i * 4);
    const into = new Uint8Array(64 * 64 * 3);
    areaResize({ width, height, pixelBytes: 4, channels: 3, data: four }, box, 64, into);
    return into;
  }

  it('gives the very bytes that the doubles give', () => {
    fc.assert(
      fc.property(small, ({ source, box }) => {
        expect(isSmall(source, box, 64)).toBe(true);
        // As bytes: vitest would walk 12,288 numbers for each of hundreds of pictures.
        expect(Buffer.from(inIntegers(source, box)).equals(Buffer.from(inDoubles(source, box)))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("does so for CelebA's box, full size and half", () => {
    for (const [width, height] of [
      [178, 218],
      [89, 109],
    ] as const) {
      const half = 178 / width;
      const box = { left: 30 / half, top: 50 / half, right: 148 / half, bottom: 168 / half };
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
      const source: Pixels = { width, height, pixelBytes: 3, channels: 3, data };
      expect(isSmall(source, box, 64)).toBe(true);
      expect(Buffer.from(inIntegers(source, box)).equals(Buffer.from(inDoubles(source, box)))).toBe(true);
    }
  });

  it('leaves everything else to the doubles', () => {
    const source: Pixels = {
      width: 200,
      height: 200,
      pixelBytes: 3,
      channels: 3,
      data: new Uint8Array(120_000),
    };
    const box = { left: 0, top: 0, right: 100, bottom: 100 };
    expect(isSmall(source, box, 64)).toBe(true);
    expect(isSmall(source, box, 32)).toBe(false);
    expect(isSmall(source, { ...box, right: 129 }, 64)).toBe(false);
    expect(isSmall(source, { ...box, bottom: 99.5 }, 64)).toBe(false);
    expect(isSmall(source, { left: 1 / 3, top: 0, right: 100 + 1 / 3, bottom: 100 }, 64)).toBe(false);
    expect(isSmall({ ...source, pixelBytes: 4 }, box, 64)).toBe(false);
    expect(isSmall({ ...source, pixelBytes: 1, channels: 1 }, box, 64)).toBe(false);
  });
});
