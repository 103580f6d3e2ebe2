import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { openPicture, readImage, type ReadPicture } from '../../../src/engine/image-files/read-image.ts';
import { UnreadableImage } from '../../../src/engine/image-files/unreadable.ts';
import {
  OPAQUE_HEIC,
  PLAIN_HEIC,
  SEVERAL_HEIC,
  TEN_BITS_HEIC,
  TRANSPARENT_HEIC,
  TURNED_HEIC,
} from '../../fixtures/heic.ts';
import { editBytes } from '../../fuzz/edits.ts';
import { pixel, type Rgb } from './pictures.ts';

function read(bytes: Buffer): ReadPicture & { readonly image: Uint8Array } {
  const image = new Uint8Array(64 * 64 * 3);
  return { image, ...readImage(bytes, { crop: 'none', imageSize: 64 }, image) };
}

const [RED, GREEN, BLUE, WHITE]: Rgb[] = [
  [220, 40, 30],
  [30, 180, 60],
  [30, 120, 200],
  [255, 255, 255],
];

/** Top left, top right, bottom left, bottom right. */
function expectCorners(image: Uint8Array, ...expected: readonly (Rgb | undefined)[]): void {
  const places = [
    [4, 4],
    [59, 4],
    [4, 59],
    [59, 59],
  ] as const;
  places.forEach(([x, y], corner) =>
    pixel(image, x, y).forEach((value, c) =>
      expect(Math.abs(value - expected[corner]![c]!), `corner ${corner}`).toBeLessThanOrEqual(4),
    ),
  );
}

/** A copy whose header states another size. */
function withStatedSize(bytes: Buffer, width: number, height: number): Buffer {
  const edited = Buffer.from(bytes);
  const at = edited.indexOf('ispe');
  edited.writeUInt32BE(width, at + 8);
  edited.writeUInt32BE(height, at + 12);
  return edited;
}

describe('a HEIC', () => {
  it('is read in its colours', () => {
    const { image, channels, isTransparent, isOneOfSeveral } = read(PLAIN_HEIC);
    expect({ channels, isTransparent, isOneOfSeveral }).toEqual({
      channels: 3,
      isTransparent: false,
      isOneOfSeveral: false,
    });
    expectCorners(image, RED, GREEN, BLUE, BLUE);
  });

  it('is turned once, although its EXIF says it again', () => {
    const { width, height, orientation } = openPicture(TURNED_HEIC);
    expect([width, height, orientation]).toEqual([48, 64, 1]);
    expect(TURNED_HEIC.includes('Exif\0\0')).toBe(true);
    expectCorners(read(TURNED_HEIC).image, BLUE, RED, BLUE, GREEN);
  });

  it('is laid over white where it is transparent, which is told', () => {
    const { image, isTransparent } = read(TRANSPARENT_HEIC);
    expect(isTransparent).toBe(true);
    const pale = BLUE!.map((value) => (value + 255) / 2) as unknown as Rgb;
    expectCorners(image, RED, GREEN, WHITE, pale);
    expect(read(OPAQUE_HEIC).isTransparent).toBe(false);
  });

  it('is read with its eight higher bits of ten', () => {
    const { image } = read(TEN_BITS_HEIC);
    expect(openPicture(TEN_BITS_HEIC).isDeep).toBe(false);
    for (const place of [4, 32, 59]) {
      const [red, , blue] = pixel(image, place, 32);
      expect(Math.abs(red! - (place / 63) * 255)).toBeLessThan(6);
      expect(Math.abs(blue! - 78)).toBeLessThan(6);
      expect(Math.abs(pixel(image, 32, place)[1]! - (place / 63) * 255)).toBeLessThan(6);
    }
  });

  it('of several pictures gives the primary one, which is told', () => {
    const { image, isOneOfSeveral } = read(SEVERAL_HEIC);
    expect(isOneOfSeveral).toBe(true);
    expectCorners(image, RED, GREEN, BLUE, BLUE);
  });

  it('is refused by the size that it states before it is decoded', () => {
    expect(() => read(withStatedSize(PLAIN_HEIC, 60_000, 60_000))).toThrow(
      'it is 60000×60000 pixels; more than 100 million are not decoded',
    );
  });

  it('is refused where it holds another size than it states', () => {
    expect(() => read(withStatedSize(PLAIN_HEIC, 640, 480))).toThrow('the HEIC is damaged');
  });

  it('is refused where it ends early, wherever that is', () => {
    for (let length = 12; length < PLAIN_HEIC.length; length += 13) {
      expect(() => read(PLAIN_HEIC.subarray(0, length)), `${length} bytes`).toThrow(UnreadableImage);
    }
    expect(() => read(PLAIN_HEIC.subarray(0, 600))).toThrow('the HEIC ends early');
  });

  it('is refused in words where its pixels are compressed in another way', () => {
    const other = Buffer.from(PLAIN_HEIC.toString('latin1').replaceAll('hvc1', 'jpeg'), 'latin1');
    expect(() => read(other)).toThrow(/^(it is a HEIF of a kind|the HEIC is damaged)/);
  });

  it('is read or refused in words, whatever was edited in it', () => {
    const outcomes = { read: 0, refused: 0 };
    for (const original of [PLAIN_HEIC, TRANSPARENT_HEIC, TURNED_HEIC, SEVERAL_HEIC]) {
      for (let seed = 0; seed < 100; seed++) {
        const edited = editBytes(createRandom(seed, 'HEIC'), original);
        try {
          read(edited);
          outcomes.read += 1;
        } catch (error) {
          expect(error, `seed ${seed}`).toBeInstanceOf(UnreadableImage);
          outcomes.refused += 1;
        }
      }
    }
    expect(outcomes.read).toBeGreaterThan(20);
    expect(outcomes.refused).toBeGreaterThan(100);
    // What was edited leaves the decoder as it was.
    expectCorners(read(PLAIN_HEIC).image, RED, GREEN, BLUE, BLUE);
  });
});
