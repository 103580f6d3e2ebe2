import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPictureHeader } from '../../../src/engine/image-files/picture-header.ts';
import { readImage } from '../../../src/engine/image-files/read-image.ts';
import {
  bmp,
  FOUR,
  gif,
  gifFrameAt,
  handmadePng,
  jpegInJpeg,
  PNG_SIGNATURE,
  pngChunk,
  pngHeader,
  quarters,
  RED,
  tensorflowJpeg,
  webpOfTwoSizes,
  withJpegSize,
} from './pictures.ts';

// This file's process does nothing else, so that its largest memory is that of the decoders.

const SIDE = 20_000;
/** One row of such a picture after the other would take 400 MB and more. */
const MOST_MB = 120;

function read(bytes: Buffer): Uint8Array {
  const into = new Uint8Array(64 * 64 * 3);
  readImage(bytes, { crop: 'none', imageSize: 64 }, into);
  return into;
}

function largestMb(): number {
  return process.resourceUsage().maxRSS / 1024;
}

function expectRefused(bytes: Buffer, reason: RegExp): void {
  const before = largestMb();
  expect(() => read(bytes)).toThrow(reason);
  expect(largestMb() - before).toBeLessThan(MOST_MB);
}

const hugePixels = pngChunk('IDAT', deflateSync(Buffer.alloc(SIDE * 2000)));
const pngEnd = pngChunk('IEND', Buffer.alloc(0));

/** Bytes in the places of a small header, in a chunk that no decoder knows. */
function unknownChunk(): Buffer {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(20);
  content.writeUInt32BE(20, 4);
  return pngChunk('prVt', content);
}

describe('memory for a picture', () => {
  it('is what decoders take for a small one', () => {
    // Loads both decoders, whose own memory must not count below.
    read(quarters(120, 120, FOUR).toBuffer('image/jpeg', 95));
    read(quarters(120, 120, FOUR).toBuffer('image/png'));
    const before = largestMb();
    read(quarters(120, 120, FOUR).toBuffer('image/png'));
    expect(largestMb() - before).toBeLessThan(MOST_MB);
  });

  it.each([
    ['unknown chunk before it', [unknownChunk(), pngHeader(SIDE, SIDE)]],
    ['small header before it', [pngHeader(20, 20), pngHeader(SIDE, SIDE)]],
    ['text before it', [pngChunk('tEXt', Buffer.from('Comment\0hello')), pngHeader(20, 20)]],
  ])('is not taken by a PNG header with an %s', (_, chunks) => {
    expectRefused(Buffer.concat([PNG_SIGNATURE, ...chunks, hugePixels, pngEnd]), /the PNG is damaged/);
  });

  it('is not taken for a GIF frame that is larger than its screen', () => {
    for (const [left, top, width, height] of [
      [0, 0, SIDE, SIDE],
      [SIDE, SIDE, 20, 20],
      [1, 0, 20, 20],
    ] as const) {
      const file = gif(RED);
      const at = gifFrameAt(file);
      [left, top, width, height].forEach((value, i) => file.writeUInt16LE(value, at + 2 * i));
      expectRefused(file, /larger than the size that it states/);
    }
  });

  it('is not taken for a GIF screen that is larger than the limit', () => {
    const file = gif(RED);
    file.writeUInt16LE(SIDE, 6);
    file.writeUInt16LE(SIDE, 8);
    expectRefused(file, /20000×20000/);
  });

  it('is not taken for a WebP whose picture is larger than its canvas', () => {
    const picture = quarters(2000, 2000, FOUR).toBuffer('image/webp', 50);
    expectRefused(webpOfTwoSizes(picture, 20, 20), /the WebP is damaged/);
    expect(() => read(webpOfTwoSizes(picture, 2000, 2000))).not.toThrow();
  });

  it('is not taken for a JPEG inside what another reader takes for a segment', () => {
    const pixels = new Uint8Array(48 * 48 * 3).fill(90);
    const small = tensorflowJpeg(pixels, [48, 48, 3]);
    const huge = withJpegSize(tensorflowJpeg(pixels, [48, 48, 3], true), 12_000, 12_000);
    expectRefused(jpegInJpeg(huge, small), /the JPEG is damaged/);
  });

  it('is not taken for a JPEG of two sizes', () => {
    const small = tensorflowJpeg(new Uint8Array(48 * 48 * 3).fill(90), [48, 48, 3]);
    const frame = Buffer.from([
      0xff, 0xc2, 0, 17, 8, 0x4e, 0x20, 0x4e, 0x20, 3, 1, 34, 0, 2, 17, 1, 3, 17, 1,
    ]);
    expectRefused(Buffer.concat([small.subarray(0, 2), frame, small.subarray(2)]), /the JPEG is damaged/);
  });

  it.each([
    ['huge', SIDE, SIDE],
    ['the least number that there is', -(2 ** 31), -(2 ** 31)],
    ['the greatest', 2 ** 31 - 1, 2 ** 31 - 1],
  ])('is not taken for a BMP whose sides are %s', (_, width, height) => {
    const file = bmp(20, 24, true);
    file.writeInt32LE(width, 18);
    file.writeInt32LE(height, 22);
    expectRefused(file, /are not decoded/);
  });

  it('is not taken for a BMP that states more pixels than it holds', () => {
    const file = bmp(20, 24, true);
    file.writeInt32LE(9000, 18);
    file.writeInt32LE(9000, 22);
    expectRefused(file, /the BMP ends early/);
  });
});

describe('time for a picture', () => {
  it('is not spent on texts that unpack to gigabytes', () => {
    const plain = handmadePng(40, 40, 8, [77]);
    const text = pngChunk(
      'zTXt',
      Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.alloc(7_900_000))]),
    );
    // After the header, of 25 bytes; the decoder unpacks each such text that it is given.
    const at = PNG_SIGNATURE.length + 25;
    const texts = Array.from({ length: 300 }, () => text);
    const file = Buffer.concat([plain.subarray(0, at), ...texts, plain.subarray(at)]);
    // None of them reaches the decoder.
    expect(readPictureHeader('PNG', file).decodable).toEqual(plain);
    expect(read(file)).toEqual(read(plain));
  });

  it('is not spent on a JPEG in thousands of scans', () => {
    const pixels = new Uint8Array(48 * 48 * 3).map((_, i) => (i * 7919) % 256);
    const jpeg = tensorflowJpeg(pixels, [48, 48, 3], true);
    const scan = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
    const scans = Array.from({ length: 2000 }, () => jpeg.subarray(scan, jpeg.length - 2));
    const file = Buffer.concat([jpeg.subarray(0, jpeg.length - 2), ...scans, jpeg.subarray(jpeg.length - 2)]);
    expect(() => read(file)).toThrow('the JPEG comes in more than 100 scans');
    expect(() => read(jpeg)).not.toThrow();
  });
});
