import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fillDisc,
  fillPicture,
  fillRectangle,
  luma,
  paste,
  picturesFromBatch,
  unitToByte,
  withChannels,
} from '../../../src/engine/pictures/picture.ts';
import { enlarge, resizeSmooth, tileOfSize } from '../../../src/engine/pictures/resize.ts';

describe('unitToByte', () => {
  test('gives every byte back that was divided by 255, in float32 too', () => {
    for (let byte = 0; byte < 256; byte++) expect(unitToByte(Math.fround(byte / 255))).toBe(byte);
  });

  test('rounds halves upward and cuts off what is outside', () => {
    expect(unitToByte(0.5 / 255)).toBe(1);
    expect(unitToByte(0.499 / 255)).toBe(0);
    expect([-0.1, 1.2, Infinity, -Infinity, NaN].map(unitToByte)).toEqual([0, 255, 255, 0, 0]);
  });
});

describe('picturesFromBatch', () => {
  test('cuts a batch into its images', () => {
    const pictures = picturesFromBatch(
      [2, 1, 2, 3],
      Float32Array.from({ length: 12 }, (_, i) => i / 255),
    );
    expect(pictures).toHaveLength(2);
    expect(pictures[1]).toEqual({
      width: 2,
      height: 1,
      channels: 3,
      data: Uint8Array.of(6, 7, 8, 9, 10, 11),
    });
  });

  test.each([[[1, 2, 2, 4]], [[2, 2, 2, 3]], [[12]]])('refuses shape %j for twelve values', (shape) => {
    expect(() => picturesFromBatch(shape, new Uint8Array(12))).toThrow(RangeError);
  });
});

describe('withChannels', () => {
  test('repeats grey, and takes it back unchanged', () => {
    const grey = {
      width: 256,
      height: 1,
      channels: 1 as const,
      data: Uint8Array.from({ length: 256 }, (_, i) => i),
    };
    const colour = withChannels(grey, 3);
    expect([...colour.data.subarray(30, 36)]).toEqual([10, 10, 10, 11, 11, 11]);
    expect(withChannels(colour, 1)).toEqual(grey);
  });

  test('weighs colours by how bright they look', () => {
    expect([luma([255, 0, 0]), luma([0, 255, 0]), luma([0, 0, 255])]).toEqual([76, 150, 29]);
  });
});

describe('paste', () => {
  test('changes exactly the pixels that it covers', () => {
    const onto = fillPicture(4, 3, 3, [9, 9, 9]);
    paste(onto, fillPicture(2, 1, 1, [200, 200, 200]), 1, 2);
    const changed = [...onto.data.keys()].filter((i) => onto.data[i] !== 9);
    expect(changed).toEqual([27, 28, 29, 30, 31, 32]);
  });

  test('refuses what reaches over an edge', () => {
    const onto = fillPicture(4, 3, 3, [0, 0, 0]);
    const picture = fillPicture(2, 2, 3, [1, 1, 1]);
    for (const [x, y] of [
      [3, 0],
      [0, 2],
      [-1, 0],
    ] as const) {
      expect(() => paste(onto, picture, x, y)).toThrow(RangeError);
    }
  });
});

describe('drawn marks', () => {
  test('a disc covers about its area and nothing beyond its radius', () => {
    const onto = fillPicture(21, 21, 1, [0, 0, 0]);
    fillDisc(onto, 10.5, 10.5, 6, [255, 255, 255]);
    const area = onto.data.reduce((sum, value) => sum + value / 255, 0);
    expect(Math.abs(area / (Math.PI * 36) - 1)).toBeLessThan(0.02);
    expect(onto.data[10 * 21 + 3]).toBe(0);
    expect(onto.data[10 * 21 + 10]).toBe(255);
  });

  test('a rectangle ends where it should, and is cut at the edge', () => {
    const onto = fillPicture(4, 4, 1, [0, 0, 0]);
    fillRectangle(onto, 2, 1, 5, 2, [255, 255, 255]);
    expect([...onto.data.keys()].filter((i) => onto.data[i])).toEqual([6, 7, 10, 11]);
  });
});

describe('enlarge', () => {
  test('makes every pixel a square', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (data, factor) => {
          const large = enlarge({ width: 2, height: 2, channels: 3, data }, factor);
          expect([large.width, large.height]).toEqual([2 * factor, 2 * factor]);
          for (let y = 0; y < large.height; y++) {
            for (let x = 0; x < large.width; x++) {
              const from = (Math.floor(y / factor) * 2 + Math.floor(x / factor)) * 3;
              const at = (y * large.width + x) * 3;
              expect(large.data.slice(at, at + 3)).toEqual(data.slice(from, from + 3));
            }
          }
        },
      ),
      { seed: 1 },
    );
  });
});

describe('resizeSmooth', () => {
  const ramp = (width: number) => ({
    width,
    height: 3,
    channels: 1 as const,
    data: Uint8Array.from({ length: width * 3 }, (_, i) => 4 * (i % width)),
  });

  test('leaves an image of the same size as it is', () => {
    expect(resizeSmooth(ramp(60), 60, 3)).toEqual(ramp(60));
  });

  test.each([7, 40, 100, 250])('keeps a flat image flat at %i pixels', (size) => {
    const flat = resizeSmooth(fillPicture(64, 64, 3, [200, 3, 77]), size, size);
    expect(flat.data).toHaveLength(size * size * 3);
    expect(flat.data.every((value, i) => value === [200, 3, 77][i % 3])).toBe(true);
  });

  test('continues a ramp straight, larger and smaller', () => {
    for (const width of [90, 40]) {
      const { data } = resizeSmooth(ramp(60), width, 3);
      for (let x = 6; x < width - 6; x++) {
        const expected = 4 * (((x + 0.5) * 60) / width - 0.5);
        expect(Math.abs(data[width + x]! - expected)).toBeLessThanOrEqual(0.75);
      }
    }
  });
});

describe('tileOfSize', () => {
  test('is crisp at whole multiples and smooth between', () => {
    const edge = { width: 2, height: 1, channels: 1 as const, data: Uint8Array.of(0, 255) };
    expect(new Set(tileOfSize(edge, 8).data)).toEqual(new Set([0, 255]));
    expect(new Set(tileOfSize(edge, 9).data).size).toBeGreaterThan(2);
    expect(tileOfSize(fillPicture(64, 32, 3, [1, 2, 3]), 100)).toMatchObject({ width: 100, height: 50 });
  });
});
