import { describe, expect, it } from 'vitest';
import { deflateSync } from 'node:zlib';
import { openPicture, readImage } from '../../../src/engine/image-files/read-image.ts';
import { countTiffPages } from '../../../src/engine/image-files/tiff.ts';
import { FOUR, pixel, quarters, tiff } from './pictures.ts';

function read(bytes: Buffer, page = 0): Uint8Array {
  const image = new Uint8Array(64 * 64 * 3);
  readImage(bytes, { crop: 'none', imageSize: 64 }, image, (heavy) => heavy(), page);
  return image;
}

const side = 16;
const places = [
  [4, 4],
  [60, 4],
  [4, 60],
  [60, 60],
] as const;
const rgba = Buffer.from(quarters(side, side, FOUR).getContext('2d').getImageData(0, 0, side, side).data);
const rgb = Buffer.from(rgba.filter((_, i) => i % 4 !== 3));
const page = { samples: 3, bits: 8, photometric: 2, data: rgb } as const;

function expectFour(image: Uint8Array): void {
  places.forEach(([x, y], i) => expect(pixel(image, x, y)).toEqual([...FOUR[i]!]));
}

describe('PGM and PPM', () => {
  it.each([
    ['P6', Buffer.concat([Buffer.from('P6\n# drawn\n16 16\n255\n'), rgb])],
    ['P3', Buffer.from(`P3 16 16 255\n${[...rgb].join(' ')}`)],
    [
      'P6 of 16 bits',
      Buffer.concat([Buffer.from('P6 16 16 65535\n'), Buffer.from([...rgb].flatMap((v) => [v, v]))]),
    ],
  ])('reads %s', (_, bytes) => expectFour(read(bytes)));

  it('scales by the greatest intensity, and keeps 16 bits', () => {
    const bytes = Buffer.concat([Buffer.from('P5 16 16 15\n'), Buffer.alloc(256, 5)]);
    expect(read(bytes)[0]).toBe(85);
    expect(openPicture(Buffer.from('P2 16 16 1000 1')).isDeep).toBe(true);
  });

  it.each([
    ['P5 16 16 255\n123', 'ends early'],
    ['P2 16 16 255\n1 2 3', 'ends early'],
    ['P5 16', 'ends early'],
    ['P5 16 16 0\n', 'damaged'],
    ['P5 99999 99999 255\n', 'are not decoded'],
    ['P5 16 x 255\n', 'damaged'],
    [`P2 16 16 9\n${'10 '.repeat(256)}`, 'exceeds the greatest'],
    ['P4\n16 16\n\0\0\0\0\0\0', 'neither PGM nor PPM'],
  ])('refuses %j', (text, reason) => {
    expect(() => read(Buffer.from(text, 'latin1'))).toThrow(reason);
  });
});

describe('TIFF', () => {
  it('reads each picture of a file, uncompressed or by Deflate', () => {
    const grey = { samples: 1, bits: 8, photometric: 0, data: Buffer.alloc(256, 55) } as const;
    const bytes = tiff(page, { ...page, compression: 8, data: deflateSync(rgb) }, grey);
    expect(countTiffPages((offset, length) => bytes.subarray(offset, offset + length))).toBe(3);
    expectFour(read(bytes, 0));
    expectFour(read(bytes, 1));
    expect(read(bytes, 2)[0]).toBe(200);
  });

  it('lays transparency over white, and keeps 16 bits', () => {
    const clear = Buffer.from(rgba.map((value, i) => (i % 4 === 3 ? 0 : value)));
    expect(pixel(read(tiff({ ...page, samples: 4, data: clear })), 4, 4)).toEqual([255, 255, 255]);
    expectFour(read(tiff({ ...page, samples: 4, data: rgba })));
    const deep = tiff({ ...page, bits: 16, data: Buffer.from([...rgb].flatMap((v) => [v, v])) });
    expect(openPicture(deep).isDeep).toBe(true);
    expectFour(read(deep));
  });

  it.each([
    ['cut off', tiff(page).subarray(0, 300), 'ends early'],
    ['a bomb', tiff({ ...page, compression: 8, data: deflateSync(Buffer.alloc(50_000_000)) }), 'damaged'],
    ['huge', tiff({ ...page, side: 60_000 }), 'are not decoded'],
    ['short of data', tiff({ ...page, data: rgb.subarray(0, 99) }), 'ends early'],
    ['with JPEG inside', tiff({ ...page, compression: 7 }), 'with JPEG inside, which is not supported'],
    ['of four inks', tiff({ ...page, samples: 4, photometric: 5 }), 'four inks'],
  ])('refuses one that is %s', (_, bytes, reason) => expect(() => read(bytes)).toThrow(reason));

  it('refuses directories in a circle', () => {
    const bytes = tiff(page);
    bytes.writeUInt32LE(8, 8 + 2 + 120);
    expect(() => countTiffPages((offset, length) => bytes.subarray(offset, offset + length))).toThrow(
      'damaged',
    );
  });
});

it('reads AVIF', () => {
  const avif = quarters(96, 64, FOUR).encodeSync('avif', { quality: 90 });
  const image = read(avif);
  places.forEach(([x, y], i) => {
    pixel(image, x, y).forEach((value, c) => expect(Math.abs(value - FOUR[i]![c]!)).toBeLessThan(12));
  });
  expect(() => read(avif.subarray(0, avif.length - 20))).toThrow('ends early');
});
