import { crc32 } from 'node:zlib';
import { exifOrientation } from './exif.ts';
import type { Orientation } from './orientation.ts';
import { UnreadableImage } from './unreadable.ts';

/** The supported formats, which are recognised by their first bytes, not by the file's name. */
export type PictureFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'BMP' | 'PNM' | 'TIFF' | 'AVIF' | 'HEIC';

/** A picture's size in pixels, from its header. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** The reason for refusing a file of another format. */
function otherFormat(bytes: Buffer): string {
  if (bytes.length < 12) return textOrOther(bytes);
  const start = bytes.toString('latin1', 0, 4);
  const brand = bytes.toString('latin1', 4, 12);
  if (brand.startsWith('ftypavis')) return 'it is an animation (AVIF)';
  if (/^ftypcrx /.test(brand)) return 'it is a raw photograph, which is not supported; save it as JPEG';
  if (bytes.toString('latin1', 4, 8) === 'jP  ' || bytes.readUInt32BE(0) === 0xff4fff51)
    return 'it is JPEG 2000, which is not supported; save it as PNG';
  if (bytes.toString('latin1', 4, 8) === 'JXL ' || bytes.readUInt16BE(0) === 0xff0a)
    return 'it is JPEG XL, which is not supported; save it as PNG';
  if (/^P[147fF]\s/.test(start))
    return 'it is a picture of Netpbm’s that is neither PGM nor PPM; save it as PNG';
  if (start === '8BPS') return 'it is a document of Photoshop, which is not supported; save it as PNG';
  if (start === '%PDF') return 'it is a PDF, which is not supported; save its pictures as PNG';
  return textOrOther(bytes);
}

function textOrOther(bytes: Buffer): string {
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
  if (/^P[2356][\s#]/.test(start)) return 'PNM';
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return 'TIFF';
  if (isAvif(bytes)) return 'AVIF';
  if (isHeic(bytes)) return 'HEIC';
  if (start.startsWith('BM') && bytes.length >= 54) return 'BMP';
  throw new UnreadableImage(otherFormat(bytes));
}

/** The brands in the first box of a file of the family of AVIF and HEIC, the major one first; empty for other files. */
function brandsOf(bytes: Buffer): string {
  if (bytes.length < 12 || bytes.toString('latin1', 4, 8) !== 'ftyp') return '';
  return bytes.toString('latin1', 8, Math.min(bytes.readUInt32BE(0), bytes.length, 256));
}

/** True for a still AVIF; a picture of HEIC has other brands. */
function isAvif(bytes: Buffer): boolean {
  const brands = brandsOf(bytes);
  return !brands.startsWith('avis') && brands.includes('avif');
}

/** True for a HEIC or another HEIF, also for a sequence, whose primary picture is read if it has one. */
function isHeic(bytes: Buffer): boolean {
  return /^(hei[cxms]|hev[cxms]|mif[12]|msf1)/.test(brandsOf(bytes));
}

/** The formats whose pixels the canvas or the reader of BMP decodes. */
export type CanvasFormat = Exclude<PictureFormat, 'JPEG' | 'PNM' | 'TIFF' | 'HEIC'>;

/** What is known about a picture before it is decoded. */
export interface PictureHeader extends PictureSize {
  /** The input of the decoder: the file without what does not affect the stored pixels. */
  readonly decodable: Buffer;
  /** The EXIF orientation; 1 if there is none. The decoder does not see it. */
  readonly orientation: Orientation;
  /** Whether it may have transparent pixels. */
  readonly hasAlpha: boolean;
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
export function readPictureHeader(format: CanvasFormat, bytes: Buffer): PictureHeader {
  try {
    if (format === 'PNG') return readPng(bytes);
    if (format === 'WebP') return readWebp(bytes);
    if (format === 'AVIF') return readAvif(bytes);
    if (format === 'GIF') return readGif(bytes);
    return { ...readBmp(bytes), decodable: bytes, orientation: 1, hasAlpha: false };
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
 * The chunks with a PNG's pixels. Those about its colour space are removed, so that the pixels are taken as they are
 * stored, as a JPEG's are. Others, such as texts, may decompress to gigabytes.
 */
const PNG_PIXEL_CHUNKS = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

function readPng(bytes: Buffer): PictureHeader {
  // The decoder skips unknown chunks, and could find the header at a later position.
  const isHeaderFirst =
    bytes.toString('latin1', 12, 16) === 'IHDR' && bytes.readUInt32BE(8) === PNG_HEADER_BYTES;
  if (bytes.length >= 16 && !isHeaderFirst) throw damaged('PNG');
  const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  const kept: Buffer[] = [bytes.subarray(0, 8)];
  let keptBytes = 8;
  // Bit 2 of the colour type.
  let hasAlpha = (bytes.readUInt8(25) & 4) !== 0;
  let orientation: Orientation = 1;
  for (let at = 8; ;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (type === 'acTL') throw moving('APNG');
    if (end > bytes.length) throw new UnreadableImage('the PNG ends early');
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) throw damaged('PNG');
    if (type === 'IHDR' && at > 8) throw damaged('PNG');
    if (type === 'tRNS') hasAlpha = true;
    if (type === 'eXIf') orientation = exifOrientation(bytes.subarray(at + 8, end - 4));
    if (PNG_PIXEL_CHUNKS.has(type)) {
      kept.push(bytes.subarray(at, end));
      keptBytes += end - at;
    }
    if (type === 'IEND') {
      const decodable = keptBytes === bytes.length ? bytes : Buffer.concat(kept, keptBytes);
      return { ...size, decodable, orientation, hasAlpha };
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

/** The flags of an extended header that describe chunks which the decoder does not get: a profile, EXIF and XMP. */
const WEBP_REMOVED_FLAGS = 0x2c;
const WEBP_PIXEL_CHUNKS = new Set(['VP8X', 'ALPH', 'VP8 ', 'VP8L']);

function readWebp(bytes: Buffer): PictureHeader {
  const end = bytes.readUInt32LE(4) + 8;
  if (end > bytes.length) throw new UnreadableImage('the WebP ends early');
  const kind = bytes.toString('latin1', 12, 16);
  const simple = webpFrameSize(kind, bytes, 20);
  // The header of a picture without loss says whether its transparency is used.
  const isClear = kind === 'VP8L' && (bytes.readUInt8(24) & 0x10) !== 0;
  if (simple) return { ...simple, decodable: bytes, orientation: 1, hasAlpha: isClear };
  if (kind !== 'VP8X') throw damaged('WebP');
  if (bytes.readUInt8(20) & 0x02) throw moving('WebP');
  const width = bytes.readUIntLE(24, 3) + 1;
  const height = bytes.readUIntLE(27, 3) + 1;
  const kept: Buffer[] = [Buffer.from(bytes.subarray(0, 12))];
  let orientation: Orientation = 1;
  let hasFrame = false;
  for (let at = 12; at + 8 <= end;) {
    const type = bytes.toString('latin1', at, at + 4);
    const content = at + 8;
    const length = bytes.readUInt32LE(at + 4);
    // Each chunk's content is padded to an even number of bytes.
    const next = content + Math.ceil(length / 2) * 2;
    const frame = hasFrame ? undefined : webpFrameSize(type, bytes, content);
    if (frame && (frame.width !== width || frame.height !== height)) throw damaged('WebP');
    if (frame) hasFrame = true;
    if (content + length > bytes.length) throw new UnreadableImage('the WebP ends early');
    if (type === 'EXIF') orientation = exifOrientation(bytes.subarray(content, content + length));
    if (WEBP_PIXEL_CHUNKS.has(type)) kept.push(bytes.subarray(at, next));
    at = next;
  }
  if (!hasFrame) throw new UnreadableImage('the WebP ends early');
  const decodable = Buffer.concat(kept);
  decodable.writeUInt32LE(decodable.length - 8, 4);
  decodable[20]! &= ~WEBP_REMOVED_FLAGS;
  return { width, height, decodable, orientation, hasAlpha: (decodable[20]! & 0x10) !== 0 };
}

/** Boxes of an AVIF that contain the boxes which are looked for, with the bytes before them. */
const AVIF_CONTAINERS: Readonly<Record<string, number | undefined>> = { meta: 4, iprp: 0, ipco: 0 };

/**
 * The size of an AVIF, which is the greatest that its properties state: it may have pictures of several parts. The decoder
 * turns the picture.
 */
function readAvif(bytes: Buffer): PictureHeader {
  let width = 0;
  let height = 0;
  let isTurned = false as boolean;
  let hasAlpha = false as boolean;
  const walk = (from: number, to: number): void => {
    for (let at = from; at + 8 <= to;) {
      const length = bytes.readUInt32BE(at);
      const type = bytes.toString('latin1', at + 4, at + 8);
      // The box of the pixels may have a length of 64 bits, or reach to the end.
      const end = length === 0 ? to : length === 1 ? at + Number(bytes.readBigUInt64BE(at + 8)) : at + length;
      if (end > to) throw new UnreadableImage('the AVIF ends early');
      if (end < at + 8) throw damaged('AVIF');
      const skipped = AVIF_CONTAINERS[type];
      if (skipped !== undefined) walk(at + 8 + skipped, end);
      if (type === 'ispe' && length >= 20) {
        width = Math.max(width, bytes.readUInt32BE(at + 12));
        height = Math.max(height, bytes.readUInt32BE(at + 16));
      }
      if (type === 'irot') isTurned = bytes.readUInt8(at + 8) % 2 === 1;
      if (type === 'auxC' && bytes.toString('latin1', at, end).includes('alpha')) hasAlpha = true;
      at = end;
    }
  };
  walk(0, bytes.length);
  if (width === 0 || height === 0) throw damaged('AVIF');
  const size = isTurned ? { width: height, height: width } : { width, height };
  return { ...size, decodable: bytes, orientation: 1, hasAlpha };
}

/** Size in bytes of a GIF's colour table, from the packed field before it. */
function colourTableBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

/** The kind of extension that says how a GIF's picture is shown. */
const GRAPHIC_CONTROL = 0xf9;

function readGif(bytes: Buffer): PictureHeader {
  const width = bytes.readUInt16LE(6);
  const height = bytes.readUInt16LE(8);
  const skipBlocks = (from: number): number => {
    let at = from;
    for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += length + 1;
    return at + 1;
  };
  let frames = 0;
  let hasAlpha = false;
  let at = 13 + colourTableBytes(bytes.readUInt8(10));
  for (;;) {
    const kind = bytes.readUInt8(at);
    if (kind === 0x3b) break;
    if (kind === 0x21) {
      if (bytes.readUInt8(at + 1) === GRAPHIC_CONTROL && (bytes.readUInt8(at + 3) & 1) !== 0) hasAlpha = true;
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
      // The canvas is transparent where the picture does not cover it.
      if (bytes.readUInt16LE(at + 5) < width || bytes.readUInt16LE(at + 7) < height) hasAlpha = true;
      at = skipBlocks(at + 11 + colourTableBytes(bytes.readUInt8(at + 9)));
    } else {
      throw damaged('GIF');
    }
  }
  if (frames === 0) throw new UnreadableImage('the GIF holds no picture');
  return { width, height, decodable: bytes, orientation: 1, hasAlpha };
}

function readBmp(bytes: Buffer): PictureSize {
  const stated = bytes.readUInt32LE(2);
  if (stated > bytes.length) throw new UnreadableImage('the BMP ends early');
  const width = bytes.readInt32LE(18);
  // The height is negative if the rows are stored from the top.
  return { width: Math.abs(width), height: Math.abs(bytes.readInt32LE(22)) };
}
