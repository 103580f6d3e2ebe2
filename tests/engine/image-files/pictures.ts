import { createCanvas } from '@napi-rs/canvas';
import { createRequire } from 'node:module';
import { crc32, deflateSync } from 'node:zlib';
import { loadNative, type OpAttribute } from '../../../src/engine/tensorflow/binding.ts';

// Picture files made by hand or by encoders, for the tests of what is read.

export type Rgb = readonly [red: number, green: number, blue: number];

/** A picture of four quarters of one colour each: top left, top right, bottom left, bottom right. */
export function quarters(width: number, height: number, colours: readonly [Rgb, Rgb, Rgb, Rgb]) {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  colours.forEach(([red, green, blue], i) => {
    context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
    context.fillRect(i % 2 ? width / 2 : 0, i < 2 ? 0 : height / 2, width / 2, height / 2);
  });
  return canvas;
}

export const RED: Rgb = [220, 30, 30];
export const GREEN: Rgb = [30, 200, 40];
export const BLUE: Rgb = [30, 50, 220];
export const YELLOW: Rgb = [230, 220, 40];
export const FOUR: readonly [Rgb, Rgb, Rgb, Rgb] = [RED, GREEN, BLUE, YELLOW];

/** A small JPEG whose content depends on a number, so that no two have the same bytes. */
export function someJpeg(number: number, width = 80, height = 80): Buffer {
  const shade = (k: number): Rgb => [
    (number * 37 + k * 60) % 256,
    (number * 91 + k * 20) % 256,
    (number * 53) % 256,
  ];
  return quarters(width, height, [shade(0), shade(1), shade(2), shade(3)]).toBuffer('image/jpeg', 90);
}

/** Encodes bytes `[height, width, channels]` as a JPEG with TensorFlow, which can do grey and progressive. */
export function tensorflowJpeg(
  pixels: Uint8Array,
  shape: readonly [height: number, width: number, channels: 1 | 3],
  progressive = false,
): Buffer {
  const { binding } = loadNative();
  const { TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_BOOL } = binding;
  const image = binding.createTensor(shape, binding.TF_UINT8, pixels);
  const attributes = [
    { name: 'format', type: TF_ATTR_STRING, value: shape[2] === 1 ? 'grayscale' : 'rgb' },
    { name: 'quality', type: TF_ATTR_INT, value: 90 },
    { name: 'progressive', type: TF_ATTR_BOOL, value: progressive },
  ];
  // An operation of the tests alone, whose attributes the engine does not know.
  const encoded = binding.executeOp('EncodeJpeg', attributes as unknown as OpAttribute[], [image], 1)[0]!.id;
  const [bytes] = binding.tensorDataSync(encoded) as unknown as [Uint8Array];
  binding.deleteTensor(image);
  binding.deleteTensor(encoded);
  return Buffer.from(bytes);
}

/** An EXIF block that says how the camera was held. */
function exifBlock(orientation: number, order: 'II' | 'MM'): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write(order, 'latin1');
  const u16 = (value: number, at: number) =>
    order === 'II' ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    order === 'II' ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at);
  u16(42, 2);
  u32(8, 4);
  u16(1, 8);
  u16(0x0112, 10);
  u16(3, 12);
  u32(1, 14);
  u16(orientation, 18);
  return tiff;
}

/** A JPEG with an EXIF block that says how the camera was held. */
export function withOrientation(jpeg: Buffer, orientation: number, order: 'II' | 'MM' = 'MM'): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifBlock(orientation, order)]);
  const segment = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 0xff]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, body, jpeg.subarray(2)]);
}

/** A PNG with chunks behind its header. */
export function withPngChunks(png: Buffer, ...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
}

/** A PNG with an EXIF block that says how the camera was held. */
export function pngWithOrientation(png: Buffer, orientation: number, order: 'II' | 'MM'): Buffer {
  return withPngChunks(png, pngChunk('eXIf', exifBlock(orientation, order)));
}

/** A WebP of the canvas, whose header is extended, with an EXIF block that says how the camera was held. */
export function webpWithOrientation(webp: Buffer, orientation: number, order: 'II' | 'MM'): Buffer {
  if (webp.toString('latin1', 12, 16) !== 'VP8X') throw new Error('The WebP has no extended header.');
  const exif = exifBlock(orientation, order);
  const chunk = Buffer.alloc(8);
  chunk.write('EXIF', 'latin1');
  chunk.writeUInt32LE(exif.length, 4);
  const file = Buffer.concat([webp, chunk, exif]);
  file.writeUInt32LE(file.length - 8, 4);
  file[20]! |= 0x08;
  return file;
}

interface GifEncoder {
  writeFrame(
    pixels: Uint8Array,
    width: number,
    height: number,
    options: { palette: number[][]; transparent?: boolean; transparentIndex?: number },
  ): void;
  finish(): void;
  bytes(): Uint8Array;
}
const { GIFEncoder } = createRequire(import.meta.url)('gifenc') as { GIFEncoder: () => GifEncoder };

/** A GIF of one colour a frame, 20×20. */
export function gif(...frames: readonly Rgb[]): Buffer {
  const encoder = GIFEncoder();
  for (const colour of frames) {
    encoder.writeFrame(new Uint8Array(400).fill(1), 20, 20, { palette: [[0, 0, 0], [...colour]] });
  }
  encoder.finish();
  return Buffer.from(encoder.bytes());
}

/** A GIF of one colour, 20×20, whose upper half is transparent. */
export function clearGif(colour: Rgb): Buffer {
  const encoder = GIFEncoder();
  const pixels = new Uint8Array(400).fill(1, 200);
  const palette = [[0, 0, 0], [...colour]];
  encoder.writeFrame(pixels, 20, 20, { palette, transparent: true, transparentIndex: 0 });
  encoder.finish();
  return Buffer.from(encoder.bytes());
}

/** Where a GIF of {@link gif} describes its first frame: left, top, width and height, 16 bits each. */
export function gifFrameAt(bytes: Buffer): number {
  let at = 13 + 3 * 2 ** ((bytes[10]! & 7) + 1);
  while (bytes[at] === 0x21) {
    at += 2;
    while (bytes[at] !== 0) at += bytes[at]! + 1;
    at += 1;
  }
  return at + 1;
}

/** A WebP whose extended header states one size and whose picture has another. */
export function webpOfTwoSizes(picture: Buffer, width: number, height: number): Buffer {
  const header = Buffer.alloc(30);
  header.write('RIFF\0\0\0\0WEBPVP8X', 'latin1');
  header.writeUInt32LE(10, 16);
  header.writeUIntLE(width - 1, 24, 3);
  header.writeUIntLE(height - 1, 27, 3);
  const isExtended = picture.toString('latin1', 12, 16) === 'VP8X';
  const file = Buffer.concat([header, picture.subarray(isExtended ? 30 : 12)]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}

/**
 * A JPEG in which a decoder that skips unknown bytes finds the first picture, and one that takes them for a segment
 * the second.
 */
export function jpegInJpeg(first: Buffer, second: Buffer): Buffer {
  const hidden = first.subarray(2);
  const prefix = Buffer.from([0xff, 0xd8, 0xff, 0x00, (hidden.length + 2) >> 8, (hidden.length + 2) & 0xff]);
  return Buffer.concat([prefix, hidden, second.subarray(2)]);
}

/** Changes the size that a JPEG's frame header states. */
export function withJpegSize(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg);
  for (let at = 2; ; at += 2 + changed.readUInt16BE(at + 2)) {
    const marker = changed[at + 1]!;
    if (marker !== 0xc0 && marker !== 0xc2) continue;
    changed.writeUInt16BE(height, at + 5);
    changed.writeUInt16BE(width, at + 7);
    return changed;
  }
}

/** An uncompressed BMP of four quarters, stored from the bottom or from the top; 8 bits are grey. */
export function bmp(size: number, bits: 8 | 24 | 32, fromTop: boolean): Buffer {
  const { data } = quarters(size, size, FOUR).getContext('2d').getImageData(0, 0, size, size);
  const rowBytes = Math.ceil((size * bits) / 32) * 4;
  const offset = 54 + (bits === 8 ? 1024 : 0);
  const file = Buffer.alloc(offset + rowBytes * size);
  file.write('BM', 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(offset, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(size, 18);
  file.writeInt32LE(fromTop ? -size : size, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(bits, 28);
  if (bits === 8) for (let i = 0; i < 256; i++) file.fill(i, 54 + i * 4, 57 + i * 4);
  for (let y = 0; y < size; y++) {
    const row = offset + (fromTop ? y : size - 1 - y) * rowBytes;
    for (let x = 0; x < size; x++) {
      const [red, green, blue] = data.subarray((y * size + x) * 4);
      if (bits === 8) file[row + x] = red!;
      else file.set([blue!, green!, red!], row + (x * bits) / 8);
    }
  }
  return file;
}

/** A PNG's signature, with which it begins. */
export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** A PNG's header chunk, of a grey picture of eight bits. */
export function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return pngChunk('IHDR', header);
}

/** A chunk of a PNG, with its checksum. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/**
 * A PNG of one colour, made by hand.
 *
 * @param bits - bits a channel, 8 or 16
 * @param colour - one value (grey) or three
 * @param stated - the size that the header states, if another
 */
export function handmadePng(
  width: number,
  height: number,
  bits: 8 | 16,
  colour: readonly number[],
  { stated = [width, height] as readonly [number, number], animated = false } = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(stated[0]);
  header.writeUInt32BE(stated[1], 4);
  header.set([bits, colour.length === 1 ? 0 : 2, 0, 0, 0], 8);
  const pixel = Buffer.concat(
    colour.map((value) => (bits === 8 ? Buffer.from([value]) : Buffer.from([value >> 8, value & 0xff]))),
  );
  const row = Buffer.concat([Buffer.from([0]), ...Array.from({ length: width }, () => pixel)]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    ...(animated ? [pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))] : []),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A picture of a TIFF. */
interface TiffPage {
  readonly samples: number;
  readonly bits: 8 | 16;
  readonly photometric: number;
  readonly compression?: number;
  readonly data: Buffer;
  readonly side?: number;
}

/** A TIFF of pictures of one strip each, 16×16. */
export function tiff(...pages: readonly TiffPage[]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\x08\0\0\0', 'latin1')];
  let at = 8;
  pages.forEach(({ samples, bits, photometric, compression = 1, data, side = 16 }, index) => {
    const tags = [
      [256, 4, side],
      [257, 4, side],
      [258, 3, bits],
      [259, 3, compression],
      [262, 3, photometric],
      [273, 4, at + 2 + 10 * 12 + 4],
      [277, 3, samples],
      [278, 4, side],
      [279, 4, data.length],
      [339, 3, 1],
    ];
    const directory = Buffer.alloc(2 + tags.length * 12 + 4);
    directory.writeUInt16LE(tags.length);
    tags.forEach(([tag, type, value], i) => {
      directory.writeUInt16LE(tag!, 2 + 12 * i);
      directory.writeUInt16LE(type!, 4 + 12 * i);
      directory.writeUInt32LE(1, 6 + 12 * i);
      directory.writeUInt32LE(value!, 10 + 12 * i);
    });
    at += directory.length + data.length;
    directory.writeUInt32LE(index === pages.length - 1 ? 0 : at, directory.length - 4);
    parts.push(directory, data);
  });
  return Buffer.concat(parts);
}

/** The colour of one pixel of a 64×64 picture. */
export function pixel(image: Uint8Array, x: number, y: number, channels = 3): number[] {
  return Array.from(image.subarray((y * 64 + x) * channels, (y * 64 + x + 1) * channels));
}
