import { inflateSync } from 'node:zlib';
import { decode } from 'fast-png';
import { UnreadableImage } from './unreadable.ts';

const SIGNATURE_BYTES = 8;
/** Position of the bits per channel, in the header chunk, which is the first. */
const DEPTH_AT = 24;
const WHITE = 65_535;

/** Maximum number of pixels, because the decoder takes several times their memory: 800 MB with transparency. */
const MOST_DEEP_PIXELS = 25_000_000;

/** The pixels of a PNG of 16 bits, rows from the top, channels interleaved. */
export interface DeepPicture {
  readonly width: number;
  readonly height: number;
  /** Grey or colours, over white. */
  readonly channels: 1 | 3;
  readonly data: Uint16Array;
  /** Whether some pixel is transparent, and was laid over white. */
  readonly isTransparent: boolean;
}

/** True for a PNG with 16 bits per channel. */
export function isDeepPng(bytes: Buffer): boolean {
  return bytes.toString('latin1', 1, 4) === 'PNG' && bytes[DEPTH_AT] === 16;
}

/** The chunks of a PNG that has been checked. */
function* chunksOf(png: Buffer): Generator<{ type: string; whole: Buffer; content: Buffer }> {
  for (let at = SIGNATURE_BYTES; at + 12 <= png.length;) {
    const end = at + 12 + png.readUInt32BE(at);
    yield {
      type: png.toString('latin1', at + 4, at + 8),
      whole: png.subarray(at, end),
      content: png.subarray(at + 8, end - 4),
    };
    at = end;
  }
}

/**
 * Decodes a PNG of 16 bits without loss. Transparent pixels are laid over white.
 *
 * @param png - the file, checked by `readPictureHeader`
 * @throws UnreadableImage if it is damaged, very large, or expands to more than its header says
 */
export function decodeDeepPng(png: Buffer, width: number, height: number): DeepPicture {
  if (width * height > MOST_DEEP_PIXELS) {
    throw new UnreadableImage(
      `it is ${width}×${height} pixels of 16 bits; the contrast of more than ${MOST_DEEP_PIXELS / 1e6} million is not stretched`,
    );
  }
  const kept: Buffer[] = [png.subarray(0, SIGNATURE_BYTES)];
  const data: Buffer[] = [];
  let clear: readonly number[] | undefined;
  for (const { type, whole, content } of chunksOf(png)) {
    // The decoder would expand a colour profile to any size.
    if (type === 'IHDR' || type === 'IDAT' || type === 'IEND') kept.push(whole);
    if (type === 'IDAT') data.push(content);
    if (type === 'tRNS') clear = valuesOf(content);
  }
  try {
    // The decoder allocates whatever the data expand to: four channels of two bytes, and a byte for every row, of
    // which an interlaced picture has less than twice as many.
    inflateSync(Buffer.concat(data), { maxOutputLength: width * height * 8 + 2 * height + 8 });
    const decoded = decode(Buffer.concat(kept));
    if (decoded.width !== width || decoded.height !== height || !(decoded.data instanceof Uint16Array)) {
      throw new Error('The decoder found another picture than the header describes.');
    }
    return { width, height, ...overWhite(decoded.data, decoded.channels, clear) };
  } catch (cause) {
    throw new UnreadableImage('the PNG is damaged', { cause });
  }
}

/** The numbers of 16 bits of a chunk. */
function valuesOf(content: Buffer): number[] {
  return Array.from({ length: content.length >> 1 }, (_, i) => content.readUInt16BE(2 * i));
}

/** @param clear - the colour that is transparent, in a picture without a channel of transparency */
function overWhite(
  data: Uint16Array,
  stored: number,
  clear: readonly number[] | undefined,
): Pick<DeepPicture, 'channels' | 'data' | 'isTransparent'> {
  const channels = stored < 3 ? 1 : 3;
  const pixels = data.length / stored;
  let isTransparent = false;
  if (stored === channels) {
    for (let pixel = 0; clear?.length === channels && pixel < pixels; pixel++) {
      const colour = data.subarray(pixel * channels, (pixel + 1) * channels);
      if (!clear.every((value, c) => value === colour[c])) continue;
      colour.fill(WHITE);
      isTransparent = true;
    }
    return { channels, data, isTransparent };
  }
  const laid = new Uint16Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const opacity = data[pixel * stored + channels]! / WHITE;
    if (opacity < 1) isTransparent = true;
    for (let channel = 0; channel < channels; channel++) {
      const value = data[pixel * stored + channel]!;
      laid[pixel * channels + channel] = Math.round(value * opacity + WHITE * (1 - opacity));
    }
  }
  return { channels, data: laid, isTransparent };
}
