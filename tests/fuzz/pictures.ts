import { crc32, deflateSync } from 'node:zlib';
import type { Bounds } from '../../src/contract/contrast.ts';
import type { Crop } from '../../src/contract/dataset.ts';
import { IMAGE_SIZES, imageBytes } from '../../src/contract/image-size.ts';
import { readImage } from '../../src/engine/image-files/read-image.ts';
import { createRandom, type Random } from '../../src/engine/basics/random.ts';
import {
  bmp,
  BLUE,
  FOUR,
  gif,
  GREEN,
  handmadePng,
  pngWithOrientation,
  quarters,
  RED,
  tensorflowJpeg,
  tiff,
  webpOfTwoSizes,
  webpWithOrientation,
  withOrientation,
} from '../engine/image-files/pictures.ts';
import { PLAIN_HEIC, SEVERAL_HEIC, TEN_BITS_HEIC, TRANSPARENT_HEIC, TURNED_HEIC } from '../fixtures/heic.ts';
import { editBytes, editParts, pick, tellingNumber } from './edits.ts';
import type { Reader } from './reader.ts';

// Pictures of every format that is read, drawn here, and cut into the parts that their formats have.

const FORMATS = ['jpeg', 'png', 'gif', 'webp', 'bmp', 'tiff', 'pnm', 'avif', 'heic'] as const;
type Format = (typeof FORMATS)[number];

function noise(length: number): Uint8Array {
  const random = createRandom(1, 'noise');
  return Uint8Array.from({ length }, () => random.integer(256));
}

function makeOriginals(): Record<Format, Buffer[]> {
  const drawn = quarters(60, 44, FOUR);
  const grey = tensorflowJpeg(noise(40 * 32), [40, 32, 1]);
  return {
    jpeg: [
      drawn.toBuffer('image/jpeg', 90),
      grey,
      tensorflowJpeg(noise(24 * 24 * 3), [24, 24, 3], true),
      withOrientation(grey, 6),
    ],
    png: [
      drawn.toBuffer('image/png'),
      handmadePng(20, 20, 8, [99]),
      handmadePng(20, 20, 16, [1, 2, 60_000]),
      pngWithOrientation(handmadePng(20, 20, 8, [9, 8, 7]), 6, 'II'),
      handmadePng(20, 20, 8, [9, 9, 9], { animated: true }),
    ],
    gif: [gif(RED), gif(RED, GREEN)],
    webp: [
      drawn.toBuffer('image/webp', 80),
      drawn.toBuffer('image/webp', 100),
      webpWithOrientation(drawn.toBuffer('image/webp', 80), 6, 'MM'),
      webpOfTwoSizes(quarters(32, 32, [RED, BLUE, RED, BLUE]).toBuffer('image/webp', 50), 32, 32),
    ],
    bmp: [bmp(20, 24, true), bmp(21, 8, false), bmp(20, 32, false)],
    tiff: [
      tiff({ samples: 3, bits: 8, photometric: 2, data: Buffer.from(noise(16 * 16 * 3)) }),
      tiff({ samples: 1, bits: 16, photometric: 0, data: Buffer.from(noise(16 * 16 * 2)) }),
      tiff({ samples: 4, bits: 8, photometric: 2, compression: 8, data: deflateSync(noise(16 * 16 * 4)) }),
      tiff(
        ...[1, 2].map(
          () => ({ samples: 1, bits: 8, photometric: 1, data: Buffer.from(noise(256)) }) as const,
        ),
      ),
    ],
    pnm: [
      Buffer.concat([Buffer.from('P6\n# drawn\n16 16\n255\n'), noise(16 * 16 * 3)]),
      Buffer.concat([Buffer.from('P5 16 16 65535\n'), noise(16 * 16 * 2)]),
      Buffer.from(`P2 16 16 255\n${[...noise(256)].join(' ')}`),
    ],
    avif: [
      drawn.toBuffer('image/avif'),
      quarters(32, 32, [RED, BLUE, RED, BLUE]).toBuffer('image/avif', { quality: 40 }),
    ],
    heic: [TRANSPARENT_HEIC, PLAIN_HEIC, TURNED_HEIC, TEN_BITS_HEIC, SEVERAL_HEIC],
  };
}

let originals: Record<Format, Buffer[]> | undefined;

/** Cuts a file into pieces by the length of each; what does not fit is the last piece. */
function cut(bytes: Buffer, head: number, lengthAt: (at: number) => number): Buffer[] {
  const parts = [bytes.subarray(0, head)];
  let at = head;
  while (at + 12 <= bytes.length) {
    const end = Math.min(bytes.length, at + Math.max(1, lengthAt(at)));
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  parts.push(bytes.subarray(at));
  return parts;
}

/** The boxes of a file, and those in the boxes that hold what is said about its pictures. */
function boxesOf(bytes: Buffer): Buffer[] {
  const meta = bytes.indexOf('meta') + 8;
  return cut(bytes, meta, (at) => {
    const type = bytes.toString('latin1', at + 4, at + 8);
    return type === 'iprp' || type === 'ipco' ? 8 : bytes.readUInt32BE(at);
  });
}

function partsOf(format: Format, bytes: Buffer): Buffer[] {
  switch (format) {
    case 'png':
      return cut(bytes, 8, (at) => 12 + bytes.readUInt32BE(at));
    case 'jpeg':
      return cut(bytes, 2, (at) => (bytes[at + 1] === 0xda ? bytes.length : 2 + bytes.readUInt16BE(at + 2)));
    case 'webp':
      return cut(bytes, 12, (at) => 8 + bytes.readUInt32LE(at + 4) + (bytes.readUInt32LE(at + 4) % 2));
    case 'gif':
      return cut(bytes, 13, () => 12);
    case 'bmp':
      return [bytes.subarray(0, 14), bytes.subarray(14, 54), bytes.subarray(54)];
    case 'tiff':
      return cut(bytes, 10, () => 12);
    case 'pnm':
      return cut(bytes, 3, () => 6);
    case 'avif':
    case 'heic':
      return boxesOf(bytes);
  }
}

/** A PNG's chunk with the checksum that belongs to it, so that what it says is read. */
function withChecksum(chunk: Buffer): Buffer {
  if (chunk.length < 12) return chunk;
  const fixed = Buffer.from(chunk);
  fixed.writeUInt32BE(fixed.length - 12);
  fixed.writeUInt32BE(crc32(fixed.subarray(4, -4)), fixed.length - 4);
  return fixed;
}

/** Where each format states its size. */
function editSize(random: Random, format: Format, bytes: Buffer): Buffer {
  const edited = Buffer.from(bytes);
  const write = (at: number, width: 2 | 3 | 4, order: 'LE' | 'BE'): void => {
    if (at < 0 || at + width > edited.length) return;
    const value =
      (random.uniform() < 0.5 ? 1 + random.integer(12_000) : tellingNumber(random)) % 2 ** (8 * width);
    if (order === 'LE') edited.writeUIntLE(value, at, width);
    else edited.writeUIntBE(value, at, width);
  };
  const frame = edited.indexOf(pick(random, [Buffer.from([0xff, 0xc0]), Buffer.from([0xff, 0xc2])]));
  const stated = edited.indexOf('ispe');
  const statedSize = [8, 12].map((after) => [stated < 0 ? -1 : stated + after, 4, 'BE'] as const);
  const places: Readonly<Record<Format, readonly (readonly [number, 2 | 3 | 4, 'LE' | 'BE'])[]>> = {
    png: [
      [16, 4, 'BE'],
      [20, 4, 'BE'],
    ],
    jpeg: [
      [frame < 0 ? -1 : frame + 5, 2, 'BE'],
      [frame < 0 ? -1 : frame + 7, 2, 'BE'],
    ],
    gif: [
      [6, 2, 'LE'],
      [8, 2, 'LE'],
      [24, 2, 'LE'],
      [26, 2, 'LE'],
    ],
    webp: [
      [24, 3, 'LE'],
      [27, 3, 'LE'],
      [26, 2, 'LE'],
      [28, 2, 'LE'],
      [21, 4, 'LE'],
    ],
    bmp: [
      [18, 4, 'LE'],
      [22, 4, 'LE'],
      [10, 4, 'LE'],
      [14, 4, 'LE'],
      [2, 4, 'LE'],
    ],
    // Values of the first two tags: width and height.
    tiff: [
      [18, 4, 'LE'],
      [30, 4, 'LE'],
    ],
    pnm: [],
    avif: statedSize,
    heic: statedSize,
  };
  for (const place of places[format]) if (random.uniform() < 0.6) write(...place);
  if (format !== 'png') return edited;
  return Buffer.concat([edited.subarray(0, 8), withChecksum(edited.subarray(8, 33)), edited.subarray(33)]);
}

function originalsOf(format: Format): Buffer[] {
  return (originals ??= makeOriginals())[format];
}

function make(random: Random, format: Format): Buffer {
  const original = pick(random, originalsOf(format));
  const kind = random.uniform();
  if (kind < 0.35) return editBytes(random, original);
  if (kind < 0.55) return editSize(random, format, original);
  // Parts of another picture among them, too.
  const parts = partsOf(format, original);
  if (random.uniform() < 0.3) {
    const others = partsOf(format, pick(random, originalsOf(format)));
    parts.splice(random.integer(parts.length + 1), 0, pick(random, others));
  }
  const edited = editParts(random, parts);
  const file = Buffer.concat(format === 'png' && random.uniform() < 0.7 ? edited.map(withChecksum) : edited);
  if (format !== 'png') return file;
  // The signature is the first part, which is no chunk.
  return Buffer.concat([original.subarray(0, 8), file.subarray(8)]);
}

function read(input: Buffer, random: Random): void {
  const crop = pick<Crop>(random, ['auto', 'celeba', 'square', 'none']);
  const imageSize = pick(random, IMAGE_SIZES);
  const bounds = pick<Bounds | undefined>(random, [undefined, [90, 4020]]);
  readImage(input, { crop, imageSize, bounds }, new Uint8Array(imageBytes({ imageSize, channels: 3 })));
}

/** Readers of pictures, by the real decoders. */
export const PICTURE_READERS: readonly Reader[] = FORMATS.map((format) => ({
  name: format,
  weight: 7,
  // A picture of the largest size that is read, its canvas and its pixels as bytes: 400 MB each.
  mostMegabytes: 1500,
  // Seconds at most, of a JPEG in a hundred scans.
  mostCpuSeconds: 30,
  valid: () => originalsOf(format)[0]!,
  make: (random) => make(random, format),
  read: (input) => {
    read(input, createRandom(input.length, 'crop'));
    return Promise.resolve();
  },
}));
