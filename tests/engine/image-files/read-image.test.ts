import { createCanvas } from '@napi-rs/canvas';
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Crop } from '../../../src/contract/dataset.ts';
import { areaResize } from '../../../src/engine/image-files/area-resize.ts';
import { decodeWithCanvas } from '../../../src/engine/image-files/canvas-decoder.ts';
import { readImage } from '../../../src/engine/image-files/read-image.ts';
import { decodeJpeg } from '../../../src/engine/tensorflow/jpeg.ts';
import {
  BLUE,
  bmp,
  FOUR,
  clearGif,
  gif,
  GREEN,
  handmadePng,
  pixel,
  pngChunk,
  pngWithOrientation,
  quarters,
  RED,
  tensorflowJpeg,
  webpWithOrientation,
  withOrientation,
  withPngChunks,
  YELLOW,
  type Rgb,
} from './pictures.ts';

function read(
  bytes: Buffer,
  crop: Crop = 'auto',
): { image: Uint8Array; channels: 1 | 3; isTransparent: boolean } {
  const image = new Uint8Array(64 * 64 * 3);
  const { channels, isTransparent } = readImage(bytes, { crop, imageSize: 64 }, image);
  return { image, channels, isTransparent };
}

/** The four corners' colours, each compared with what it should be. */
function expectCorners(image: Uint8Array, expected: readonly Rgb[], tolerance: number): void {
  const places = [
    [8, 8],
    [55, 8],
    [8, 55],
    [55, 55],
  ] as const;
  places.forEach(([x, y], corner) => {
    pixel(image, x, y).forEach((value, c) => {
      expect(Math.abs(value - expected[corner]![c]!)).toBeLessThanOrEqual(tolerance);
    });
  });
}

/** A picture with detail everywhere, so that any shift of a pixel shows. */
function detailed(width: number, height: number) {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const data = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    data.data.set([128 + 100 * Math.sin(x / 3), 128 + 100 * Math.cos(y / 4), (x * y) % 256, 255], i * 4);
  }
  context.putImageData(data, 0, 0);
  return canvas;
}

const celeba = join(import.meta.dirname, '../../../../shared/data/celeba32/img_align_celeba');

describe('reading a picture', () => {
  it.each([
    ['JPEG', quarters(120, 120, FOUR).toBuffer('image/jpeg', 95), 6],
    ['PNG', quarters(120, 120, FOUR).toBuffer('image/png'), 0],
    ['WebP', quarters(120, 120, FOUR).toBuffer('image/webp', 95), 8],
  ] as const)('gives the colours of a %s', (_, bytes, tolerance) => {
    const { image, channels } = read(bytes);
    expect(channels).toBe(3);
    expectCorners(image, FOUR, tolerance);
  });

  it('reads an unmoving GIF', () => {
    expect(pixel(read(gif([200, 40, 90])).image, 30, 30)).toEqual([200, 40, 90]);
  });

  it.each([
    [24, false],
    [24, true],
    [32, false],
    [32, true],
  ] as const)('reads a BMP of %i bits (from the top: %s)', (bits, fromTop) => {
    expectCorners(read(bmp(22, bits, fromTop)).image, FOUR, 0);
  });

  it('reads a BMP with a palette', () => {
    const { image, channels } = read(bmp(21, 8, false));
    expect(channels).toBe(1);
    expect(pixel(image, 8, 8, 1)).toEqual([RED[0]]);
    expect(pixel(image, 8, 55, 1)).toEqual([BLUE[0]]);
  });

  it('takes the same pixels from both decoders, at odd sizes and wherever the box lies', () => {
    for (const [width, height, crop] of [
      [178, 218, 'auto'],
      [89, 109, 'auto'],
      [131, 77, 'square'],
      [77, 131, 'square'],
      [67, 67, 'none'],
      [9, 9, 'none'],
      [300, 200, 'none'],
    ] as const) {
      const jpeg = detailed(width, height).toBuffer('image/jpeg', 90);
      // The canvas decodes all of the JPEG, TensorFlow the part that is needed.
      const whole = decodeWithCanvas('JPEG', { decodable: jpeg, width, height });
      const png = createCanvas(width, height);
      const pixels = png.getContext('2d').createImageData(width, height);
      pixels.data.set(whole.data);
      png.getContext('2d').putImageData(pixels, 0, 0);
      expect(read(jpeg, crop).image, `${width}×${height}`).toEqual(
        read(png.toBuffer('image/png'), crop).image,
      );
    }
  });

  it.skipIf(!existsSync(celeba))("takes CelebA's faces from the paper's box (needs ../shared/data)", () => {
    const bytes = readFileSync(join(celeba, '000001.jpg'));
    const box = { left: 30, top: 50, right: 148, bottom: 168 };
    const expected = new Uint8Array(64 * 64 * 3);
    areaResize(decodeWithCanvas('JPEG', { decodable: bytes, width: 178, height: 218 }), box, 64, expected);
    expect(read(bytes).image).toEqual(expected);
  });

  it('keeps grey grey, whatever the file says', () => {
    const grey = Uint8Array.from({ length: 40 * 40 }, (_, i) => 50 + Math.floor(i / 10));
    for (const bytes of [
      tensorflowJpeg(grey, [40, 40, 1]),
      handmadePng(20, 20, 8, [99]),
      handmadePng(20, 20, 8, [99, 99, 99]),
      quarters(40, 40, [
        [9, 9, 9],
        [9, 9, 9],
        [200, 200, 200],
        [50, 50, 50],
      ]).toBuffer('image/jpeg', 90),
    ]) {
      expect(read(bytes).channels).toBe(1);
    }
    const { image } = read(handmadePng(20, 20, 8, [99]));
    expect(Array.from(image.subarray(0, 4096)).every((value) => value === 99)).toBe(true);
  });

  it('reads progressive JPEGs, CMYK JPEGs and PNGs of 16 bits', () => {
    const stripes = Uint8Array.from({ length: 48 * 48 * 3 }, (_, i) =>
      Math.floor(i / 3) % 48 < 24 ? 200 : 40,
    );
    const { image } = read(tensorflowJpeg(stripes, [48, 48, 3], true));
    expect(image[0]).toBeGreaterThan(190);

    // 16×16, left half red, right half cyan, from Pillow 12.
    const cmyk = Buffer.from(
      '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBXQUZMTlJTUjI+WmFaUGBKUVJP/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD06vMK8wr06vmKvp2vp2ivp2vmKvmKivmKvp2vp2iv/9k=',
      'base64',
    );
    const [red, , blue] = pixel(read(cmyk).image, 4, 30);
    expect(red! - blue!).toBeGreaterThan(150);
    expect(pixel(read(cmyk).image, 60, 30)[2]).toBeGreaterThan(150);
    // Without the marker that inks are inverted, as browsers show it too.
    const unmarked = Buffer.concat([cmyk.subarray(0, 2), cmyk.subarray(18)]);
    expect(read(unmarked).image).toEqual(read(cmyk).image);

    expect(pixel(read(handmadePng(20, 20, 16, [0x8000, 0x4080, 0xffff])).image, 0, 0)).toEqual([
      128, 64, 255,
    ]);
  });

  it('takes the pixels of a PNG as they are stored, whatever its colour space is', () => {
    const plain = quarters(64, 64, FOUR).toBuffer('image/png');
    const gamma = pngChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0]));
    // Primaries of Display P3.
    const primaries = Buffer.alloc(32);
    [31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000].forEach((value, i) =>
      primaries.writeUInt32BE(value, i * 4),
    );
    for (const chunks of [
      [gamma],
      [gamma, pngChunk('cHRM', primaries)],
      [pngChunk('cICP', Buffer.from([12, 13, 0, 1]))],
      [pngChunk('sRGB', Buffer.from([0]))],
      [pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(Buffer.alloc(9))]))],
    ]) {
      expect(read(withPngChunks(plain, ...chunks)).image).toEqual(read(plain).image);
    }
  });

  it('lays what is transparent on white', () => {
    for (const type of ['image/png', 'image/webp'] as const) {
      const canvas = createCanvas(64, 64);
      canvas.getContext('2d').fillStyle = 'rgb(10, 20, 200)';
      canvas.getContext('2d').fillRect(0, 0, 64, 32);
      const { image, isTransparent } = read(
        type === 'image/png' ? canvas.toBuffer('image/png') : canvas.toBuffer('image/webp', 100),
      );
      expect(pixel(image, 30, 60)).toEqual([255, 255, 255]);
      expect(pixel(image, 30, 4)[2]).toBeGreaterThan(190);
      expect(isTransparent).toBe(true);
    }
  });

  it('tells transparency only where a pixel is transparent', () => {
    const canvas = quarters(64, 64, FOUR);
    const context = canvas.getContext('2d');
    const files = (): Buffer[] => [
      canvas.toBuffer('image/png'),
      canvas.toBuffer('image/webp', 100),
      canvas.toBuffer('image/avif'),
    ];
    expect(files().map((bytes) => read(bytes).isTransparent)).toEqual([false, false, false]);
    const opaque = read(files()[0]!).image;
    context.clearRect(60, 60, 2, 2);
    expect(files().map((bytes) => read(bytes).isTransparent)).toEqual([true, true, true]);
    expect(pixel(read(files()[0]!).image, 30, 30)).toEqual(pixel(opaque, 30, 30));
    expect(pixel(read(files()[0]!).image, 61, 61)).toEqual([255, 255, 255]);
    expect(read(quarters(64, 64, FOUR).toBuffer('image/jpeg')).isTransparent).toBe(false);
  });

  it('lays the transparent colour of a GIF, and what its picture does not cover, on white', () => {
    expect(read(gif(RED)).isTransparent).toBe(false);
    const cut = gif(RED);
    cut.writeUInt16LE(24, 6);
    expect(read(cut, 'none').isTransparent).toBe(true);
    expect(pixel(read(cut, 'none').image, 62, 30)).toEqual([255, 255, 255]);
    const clear = clearGif(RED);
    const { image, isTransparent } = read(clear);
    expect(isTransparent).toBe(true);
    expect(pixel(image, 4, 4)).toEqual([255, 255, 255]);
    expect(pixel(image, 60, 60)).toEqual([...RED]);
  });

  it('is not disturbed by what cameras append after a JPEG', () => {
    const jpeg = quarters(64, 64, FOUR).toBuffer('image/jpeg', 90);
    expect(read(Buffer.concat([jpeg, Buffer.from('a film, perhaps')])).image).toEqual(read(jpeg).image);
  });
});

describe('how the camera was held', () => {
  /** Pictures of four quarters that are all seen upright with red, green, blue and yellow, by EXIF orientation. */
  const stored: Readonly<Record<number, readonly [Rgb, Rgb, Rgb, Rgb]>> = {
    1: [RED, GREEN, BLUE, YELLOW],
    2: [GREEN, RED, YELLOW, BLUE],
    3: [YELLOW, BLUE, GREEN, RED],
    4: [BLUE, YELLOW, RED, GREEN],
    5: [RED, BLUE, GREEN, YELLOW],
    6: [GREEN, YELLOW, RED, BLUE],
    7: [YELLOW, GREEN, BLUE, RED],
    8: [BLUE, RED, YELLOW, GREEN],
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is honoured: orientation %i gives the upright picture',
    (orientation) => {
      for (const order of ['II', 'MM'] as const) {
        const jpeg = quarters(96, 96, stored[orientation]!).toBuffer('image/jpeg', 95);
        expectCorners(read(withOrientation(jpeg, orientation, order)).image, FOUR, 8);
        // Pictures that are not square, of which the crop depends on the orientation.
        const [width, height] = orientation >= 5 ? [90, 120] : [120, 90];
        const drawn = quarters(width, height, stored[orientation]!);
        const png = pngWithOrientation(drawn.toBuffer('image/png'), orientation, order);
        expectCorners(read(png, 'square').image, FOUR, 0);
        const webp = drawn.toBuffer('image/webp', 95);
        const turned = webpWithOrientation(webp, orientation, order);
        expectCorners(read(turned, 'square').image, FOUR, 10);
      }
    },
  );

  it("finds CelebA's box in a face that was stored lying", () => {
    const upright = detailed(178, 218);
    const lying = createCanvas(218, 178);
    const context = lying.getContext('2d');
    // Orientation 6: to be turned clockwise, so stored turned anticlockwise.
    context.translate(0, 178);
    context.rotate(-Math.PI / 2);
    context.drawImage(upright, 0, 0);
    const turned = read(withOrientation(lying.toBuffer('image/jpeg', 100), 6)).image;
    const straight = read(upright.toBuffer('image/jpeg', 100)).image;
    let difference = 0;
    turned.forEach((value, i) => (difference += Math.abs(value - straight[i]!)));
    // Only the compression differs; a box at another place differs by tens.
    expect(difference / turned.length).toBeLessThan(4);
  });

  it.each([0, 9, 77])('is upright where EXIF says nonsense (%i)', (orientation) => {
    const jpeg = quarters(64, 64, FOUR).toBuffer('image/jpeg', 90);
    expect(read(withOrientation(jpeg, orientation)).image).toEqual(read(jpeg).image);
  });
});

describe('pictures that cannot be used', () => {
  const jpeg = detailed(100, 100).toBuffer('image/jpeg', 90);
  const grey = new Uint8Array(100 * 100).map((_, i) => (i * 7919) % 256);
  const kinds = [
    ['JPEG', jpeg],
    ['JPEG', tensorflowJpeg(grey, [100, 100, 1], true)],
    ['PNG', detailed(100, 100).toBuffer('image/png')],
    ['WebP', detailed(100, 100).toBuffer('image/webp', 80)],
  ] as const;

  it.each(kinds)('says that a %s ends early, wherever it was cut', (format, bytes) => {
    for (const share of [0.02, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99]) {
      expect(() => read(bytes.subarray(0, Math.ceil(bytes.length * share))), `${share}`).toThrow(
        `the ${format} ends early`,
      );
    }
    for (const less of [1, 2, 3, 12]) {
      expect(() => read(bytes.subarray(0, bytes.length - less)), `−${less}`).toThrow(
        `the ${format} ends early`,
      );
    }
  });

  it('says that a GIF or a BMP ends early', () => {
    const image = gif(RED);
    for (const length of [10, 100, image.length - 1]) {
      expect(() => read(image.subarray(0, Math.min(length, image.length - 1)))).toThrow('the GIF ends early');
    }
    const bitmap = bmp(20, 24, false);
    expect(() => read(bitmap.subarray(0, bitmap.length - 1))).toThrow('the BMP ends early');
    // Without a size in its header, as some programs write it.
    bitmap.writeUInt32LE(0, 2);
    expect(() => read(bitmap.subarray(0, bitmap.length - 1))).toThrow('the BMP ends early');
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'the file is empty'],
    ['text', Buffer.from('this is not an image\n'), 'it holds text'],
    ['other data', Buffer.from([0, 1, 2, 3, 250]), 'not an image that can be read'],
    ['a TIFF', Buffer.from('II*\0aaaaaaaaaaaa', 'latin1'), 'TIFF'],
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0', 'latin1'), 'the HEIC ends early'],
    ['one pixel', handmadePng(1, 1, 8, [5]), '1×1 pixels: too small'],
    ['a thread', handmadePng(500, 2, 8, [5]), 'too small'],
    ['a decompression bomb', handmadePng(8, 8, 8, [0], { stated: [20_000, 20_000] }), '20000×20000'],
    ['a moving PNG', handmadePng(20, 20, 8, [5], { animated: true }), 'an animation (APNG)'],
  ])('names the reason: %s', (_, bytes, reason) => {
    expect(() => read(bytes)).toThrow(reason);
  });

  it('refuses a JPEG bomb by its header', () => {
    const bomb = Buffer.from(jpeg);
    const frame = bomb.indexOf(Buffer.from([0xff, 0xc0]));
    bomb.writeUInt16BE(20_000, frame + 5);
    bomb.writeUInt16BE(20_000, frame + 7);
    expect(() => read(bomb)).toThrow('20000×20000');
  });

  it('refuses moving GIFs and WebPs', () => {
    expect(() => read(gif(RED, GREEN))).toThrow('an animation (GIF)');

    const webp = Buffer.alloc(60);
    webp.write('RIFF\0\0\0\0WEBPVP8X', 'latin1');
    webp.writeUInt32LE(52, 4);
    webp.writeUInt32LE(10, 16);
    webp[20] = 0x02;
    expect(() => read(webp)).toThrow('an animation (WebP)');
  });

  it('says that a damaged file is damaged', () => {
    const png = Buffer.from(handmadePng(20, 20, 8, [5]));
    png[png.length - 20]! ^= 0xff;
    expect(() => read(png)).toThrow('the PNG is damaged');
    const broken = Buffer.from(jpeg);
    broken.fill(0, 20, 30);
    expect(() => read(broken)).toThrow('the JPEG is damaged');
  });

  it("is what another shape is to CelebA's box", () => {
    expect(() => read(jpeg, 'celeba')).toThrow('100×100 pixels, not of the shape');
  });
});

describe("TensorFlow's JPEG decoder", () => {
  it('decodes at least the part asked for, and keeps no tensors but a few sizes', async () => {
    const { loadNative } = await import('../../../src/engine/tensorflow/binding.ts');
    const jpeg = detailed(101, 67).toBuffer('image/jpeg', 90);
    const before = loadNative().binding.getNumOfTensors();
    const all = decodeJpeg(jpeg, { width: 101, height: 67 }, { left: 0, top: 0, width: 101, height: 67 }, 3);
    expect([all.left, all.top, all.width, all.height]).toEqual([0, 0, 101, 67]);
    const part = decodeJpeg(
      jpeg,
      { width: 101, height: 67 },
      { left: 90, top: 50, width: 11, height: 10 },
      3,
    );
    expect(part.left).toBeLessThanOrEqual(90);
    expect(part.left + part.width).toBe(101);
    for (let y = 50; y < 60; y++) {
      for (let x = 90; x < 101; x++) {
        const inAll = (y * all.width + x) * 3;
        const inPart = ((y - part.top) * part.width + x - part.left) * 3;
        expect(part.data.subarray(inPart, inPart + 3)).toEqual(all.data.subarray(inAll, inAll + 3));
      }
    }
    // Sizes of which no rows make whole words.
    for (const [width, height] of [
      [9, 9],
      [67, 41],
      [30, 11],
    ] as const) {
      const small = detailed(width, height).toBuffer('image/jpeg', 90);
      const whole = decodeWithCanvas('JPEG', { decodable: small, width, height }).data;
      const { data } = decodeJpeg(small, { width, height }, { left: 0, top: 0, width, height }, 3);
      for (let i = 0; i < width * height; i++) {
        expect(data.subarray(i * 3, i * 3 + 3)).toEqual(Uint8Array.from(whole.subarray(i * 4, i * 4 + 3)));
      }
    }
    expect(() =>
      decodeJpeg(Buffer.from('no'), { width: 9, height: 9 }, { left: 0, top: 0, width: 9, height: 9 }, 3),
    ).toThrow();
    // A window, a padding and a shape at most, however many pictures there are.
    expect(loadNative().binding.getNumOfTensors()).toBeLessThanOrEqual(before + 3);
  });
});
