import { crc32 } from 'node:zlib';
import { UnreadableImage } from './unreadable.ts';

/** The supported formats, which are recognised by their first bytes, not by the file's name. */
export type PictureFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'BMP';

/** A picture's size in pixels, from its header. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** The reason for refusing a file of another format. */
function otherFormat(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 4);
  const brand = bytes.toString('latin1', 4, 12);
  if (start === 'II*\0' || start === 'MM\0*') return 'it is a TIFF, which is not supported; save it as PNG';
  if (/^ftyp(heic|heix|hevc|mif1|msf1)/.test(brand))
    return 'it is HEIC, which is not supported; save it as JPEG';
  if (/^ftypavi[fs]/.test(brand)) return 'it is AVIF, which is not supported; save it as PNG or WebP';
  const text = bytes.subarray(0, 512).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  return text ? 'it is not an image: it holds text' : 'it is not an image that can be read';
}

/**
 * Determines a picture's format from its first bytes.
 *
 * @throws UnreadableImage for other formats, with the probable format
 */
export function pictureFormat(bytes: Buffer): PictureFormat {
  if (bytes.length === 0) throw new UnreadableImage('the file is empty');
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && (bytes[2] === 0xff || bytes.length === 2)) return 'JPEG';
  const start = bytes.toString('latin1', 0, 12);
  if (start.startsWith(PNG_SIGNATURE)) return 'PNG';
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'WebP';
  if (/^GIF8[79]a/.test(start)) return 'GIF';
  if (start.startsWith('BM') && bytes.length >= 54) return 'BMP';
  throw new UnreadableImage(otherFormat(bytes));
}

/** What is known about a picture before it is decoded. */
export interface PictureHeader extends PictureSize {
  /** The input of the decoder: the file, for a PNG without chunks that do not affect the pixels. */
  readonly decodable: Buffer;
}

/**
 * Reads the size of a PNG, WebP, GIF or BMP, checks that the file is complete, and refuses animations. The decoder
 * does neither.
 *
 * The decoder reads the size again and allocates memory by it. So a file in which it could find another size than
 * is returned here is refused as damaged.
 *
 * @throws UnreadableImage
 */
export function readPictureHeader(format: Exclude<PictureFormat, 'JPEG'>, bytes: Buffer): PictureHeader {
  try {
    if (format === 'PNG') return readPng(bytes);
    const size = format === 'WebP' ? readWebp(bytes) : format === 'GIF' ? readGif(bytes) : readBmp(bytes);
    return { ...size, decodable: bytes };
  } catch (error) {
    // Reading past the end of the buffer throws a RangeError.
    if (error instanceof RangeError) throw new UnreadableImage(`the ${format} ends early`, { cause: error });
    throw error;
  }
}

function moving(format: string): UnreadableImage {
  return new UnreadableImage(`it is an animation (${format})`);
}

function damaged(format: string): UnreadableImage {
  return new UnreadableImage(`the ${format} is damaged`);
}

const PNG_HEADER_BYTES = 13;
/**
 * The chunks that affect a PNG's pixels. Others, such as texts, are removed, because they may decompress to
 * gigabytes.
 */
const PNG_PIXEL_CHUNKS = new Set([
  'IHDR',
  'PLTE',
  'tRNS',
  'gAMA',
  'cHRM',
  'sRGB',
  'iCCP',
  'cICP',
  'sBIT',
  'IDAT',
  'IEND',
]);

function readPng(bytes: Buffer): PictureHeader {
  // The decoder skips unknown chunks, and could find the header at a later position.
  const isHeaderFirst =
    bytes.toString('latin1', 12, 16) === 'IHDR' && bytes.readUInt32BE(8) === PNG_HEADER_BYTES;
  if (bytes.length >= 16 && !isHeaderFirst) throw damaged('PNG');
  const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  const kept: Buffer[] = [bytes.subarray(0, 8)];
  let keptBytes = 8;
  for (let at = 8; ;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (type === 'acTL') throw moving('APNG');
    if (end > bytes.length) throw new UnreadableImage('the PNG ends early');
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) throw damaged('PNG');
    if (type === 'IHDR' && at > 8) throw damaged('PNG');
    if (PNG_PIXEL_CHUNKS.has(type)) {
      kept.push(bytes.subarray(at, end));
      keptBytes += end - at;
    }
    if (type === 'IEND') {
      return { ...size, decodable: keptBytes === bytes.length ? bytes : Buffer.concat(kept, keptBytes) };
    }
    at = end;
  }
}

/** The size in a WebP's pixel chunk, whose content begins at `at`. */
function webpFrameSize(kind: string, bytes: Buffer, at: number): PictureSize | undefined {
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(at + 1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind !== 'VP8 ') return undefined;
  return { width: bytes.readUInt16LE(at + 6) & 0x3fff, height: bytes.readUInt16LE(at + 8) & 0x3fff };
}

function readWebp(bytes: Buffer): PictureSize {
  if (bytes.readUInt32LE(4) + 8 > bytes.length) throw new UnreadableImage('the WebP ends early');
  const kind = bytes.toString('latin1', 12, 16);
  const simple = webpFrameSize(kind, bytes, 20);
  if (simple) return simple;
  if (kind !== 'VP8X') throw damaged('WebP');
  if (bytes.readUInt8(20) & 0x02) throw moving('WebP');
  const canvas = { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  // Each chunk's content is padded to an even number of bytes.
  for (let at = 12; ; at += 8 + Math.ceil(bytes.readUInt32LE(at + 4) / 2) * 2) {
    const frame = webpFrameSize(bytes.toString('latin1', at, at + 4), bytes, at + 8);
    if (!frame) continue;
    if (frame.width !== canvas.width || frame.height !== canvas.height) throw damaged('WebP');
    return canvas;
  }
}

/** Size in bytes of a GIF's colour table, from the packed field before it. */
function colourTableBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

function readGif(bytes: Buffer): PictureSize {
  const width = bytes.readUInt16LE(6);
  const height = bytes.readUInt16LE(8);
  const skipBlocks = (from: number): number => {
    let at = from;
    for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += length + 1;
    return at + 1;
  };
  let frames = 0;
  let at = 13 + colourTableBytes(bytes.readUInt8(10));
  for (;;) {
    const kind = bytes.readUInt8(at);
    if (kind === 0x3b) break;
    if (kind === 0x21) {
      at = skipBlocks(at + 2);
    } else if (kind === 0x2c) {
      frames += 1;
      if (frames > 1) throw moving('GIF');
      const right = bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5);
      const bottom = bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7);
      // The decoder would enlarge the canvas.
      if (right > width || bottom > height) {
        throw new UnreadableImage('the GIF is damaged: its picture is larger than the size that it states');
      }
      at = skipBlocks(at + 11 + colourTableBytes(bytes.readUInt8(at + 9)));
    } else {
      throw damaged('GIF');
    }
  }
  if (frames === 0) throw new UnreadableImage('the GIF holds no picture');
  return { width, height };
}

function readBmp(bytes: Buffer): PictureSize {
  const stated = bytes.readUInt32LE(2);
  if (stated > bytes.length) throw new UnreadableImage('the BMP ends early');
  const width = bytes.readInt32LE(18);
  // The height is negative if the rows are stored from the top.
  return { width: Math.abs(width), height: Math.abs(bytes.readInt32LE(22)) };
}
