import { inflateSync } from 'node:zlib';
import type { Orientation } from './orientation.ts';
import { checkDeepSize, type OwnPicture, type Samples } from './own-picture.ts';
import { decompressLzw } from './tiff-lzw.ts';
import { UnreadableImage } from './unreadable.ts';

/** Reads bytes of a file; fewer at its end. */
export type ReadAt = (offset: number, length: number) => Buffer;

/** The numbers of the tags that are read (TIFF 6.0, appendix A). */
const Tag = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planar: 284,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  extra: 338,
  format: 339,
} as const;
const TAGS: ReadonlySet<number> = new Set(Object.values(Tag));
/** Sizes in bytes of the types of numbers that those tags have. */
const TYPE_BYTES: Readonly<Record<number, 1 | 2 | 4>> = { 1: 1, 3: 2, 4: 4 };
/** Maximum number of pictures in a file. */
const MOST_PAGES = 10_000;
/** Maximum number of values of a tag, such as the positions of strips. */
const MOST_VALUES = 4_000_000;
/** Thumbnails and masks are no pictures of their own. */
const REDUCED_OR_MASK = 0b101;

type Directory = ReadonlyMap<number, readonly number[]>;

function damaged(cause?: unknown): UnreadableImage {
  return new UnreadableImage('the TIFF is damaged', { cause });
}

function endsEarly(): UnreadableImage {
  return new UnreadableImage('the TIFF ends early');
}

function unsupported(what: string): UnreadableImage {
  return new UnreadableImage(`it is a TIFF ${what}, which is not supported; save it as PNG`);
}

/** Reads the directories of a file's pictures, one after the other. */
class Directories {
  readonly isLittle: boolean;
  readonly #readAt: ReadAt;
  readonly #first: number;

  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
    const header = readAt(0, 8);
    if (header.length < 8) throw endsEarly();
    this.isLittle = header[0] === 0x49;
    const version = this.u16(header, 2);
    if (version === 43) throw unsupported('of more than 4 GB (BigTIFF)');
    if (version !== 42) throw damaged();
    this.#first = this.u32(header, 4);
  }

  u16(bytes: Buffer, at: number): number {
    return this.isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  u32(bytes: Buffer, at: number): number {
    return this.isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #values(entry: Buffer): readonly number[] {
    const bytes = TYPE_BYTES[this.u16(entry, 2)];
    const count = this.u32(entry, 4);
    if (!bytes) return [];
    if (count > MOST_VALUES) throw damaged();
    const data = count * bytes <= 4 ? entry.subarray(8) : this.#readAt(this.u32(entry, 8), count * bytes);
    if (data.length < count * bytes) throw endsEarly();
    return Array.from({ length: count }, (_, i) =>
      bytes === 1 ? data[i]! : bytes === 2 ? this.u16(data, 2 * i) : this.u32(data, 4 * i),
    );
  }

  /** @param isWanted - which tags are read */
  *each(isWanted: (tag: number) => boolean): Generator<Directory> {
    const visited = new Set<number>();
    for (let at = this.#first; at !== 0;) {
      if (visited.has(at) || visited.size > 4 * MOST_PAGES) throw damaged();
      visited.add(at);
      const head = this.#readAt(at, 2);
      if (head.length < 2) throw endsEarly();
      const count = this.u16(head, 0);
      const entries = this.#readAt(at + 2, count * 12 + 4);
      if (entries.length < count * 12) throw endsEarly();
      const directory = new Map<number, readonly number[]>();
      for (let i = 0; i < count; i++) {
        const entry = entries.subarray(12 * i, 12 * i + 12);
        const tag = this.u16(entry, 0);
        if (TAGS.has(tag) && isWanted(tag)) directory.set(tag, this.#values(entry));
      }
      if (((directory.get(Tag.subfile)?.[0] ?? 0) & REDUCED_OR_MASK) === 0) yield directory;
      // Some programs leave out the last position.
      at = entries.length < count * 12 + 4 ? 0 : this.u32(entries, count * 12);
    }
  }
}

/**
 * The number of pictures in a TIFF; thumbnails do not count.
 *
 * @throws UnreadableImage
 */
export function countTiffPages(readAt: ReadAt): number {
  let pages = 0;
  for (const _ of new Directories(readAt).each((tag) => tag === Tag.subfile)) {
    pages += 1;
    if (pages > MOST_PAGES) {
      throw new UnreadableImage(`it holds more than ${MOST_PAGES.toLocaleString('en')} pictures`);
    }
  }
  return pages;
}

/** The layout of a picture's samples. */
interface Layout {
  readonly width: number;
  readonly height: number;
  /** Samples per pixel. */
  readonly samples: number;
  readonly bits: 1 | 2 | 4 | 8 | 16;
  readonly compression: number;
  readonly isPlanar: boolean;
  readonly hasPredictor: boolean;
  readonly isLittle: boolean;
  /** Parts of the picture: strips, which have its whole width, or tiles. */
  readonly partWidth: number;
  readonly partHeight: number;
  readonly offsets: readonly number[];
  readonly byteCounts: readonly number[] | undefined;
}

function unpackBits(data: Buffer, expected: number): Uint8Array {
  const out = new Uint8Array(expected);
  let written = 0;
  for (let at = 0; at < data.length && written < expected;) {
    const head = data.readInt8(at++);
    if (head >= 0) {
      const part = data.subarray(at, at + head + 1);
      out.set(part.subarray(0, expected - written), written);
      written += part.length;
      at += head + 1;
    } else if (head !== -128) {
      out.fill(data[at] ?? 0, written, written + 1 - head);
      written += 1 - head;
      at += 1;
    }
  }
  return out.subarray(0, Math.min(written, expected));
}

const COMPRESSIONS: Readonly<Record<number, (data: Buffer, expected: number) => Uint8Array>> = {
  1: (data) => data,
  5: decompressLzw,
  8: (data, expected) => inflateSync(data, { maxOutputLength: expected + 65_536 }),
  32946: (data, expected) => inflateSync(data, { maxOutputLength: expected + 65_536 }),
  32773: unpackBits,
};
const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  2: 'of a fax',
  3: 'of a fax',
  4: 'of a fax',
  6: 'with JPEG inside',
  7: 'with JPEG inside',
  34712: 'with JPEG 2000 inside',
  50000: 'compressed by Zstandard',
  50001: 'with WebP inside',
};

/** The samples of one part, one number each. */
function partSamples(
  bytes: Buffer,
  layout: Layout,
  part: number,
  perPixel: number,
): Uint8Array | Uint16Array {
  const { bits, partWidth, partHeight, compression, isLittle, hasPredictor } = layout;
  const rowSamples = partWidth * perPixel;
  const rowBytes = Math.ceil((rowSamples * bits) / 8);
  const expected = rowBytes * partHeight;
  const offset = layout.offsets[part]!;
  const length = layout.byteCounts?.[part] ?? bytes.length - offset;
  if (offset + length > bytes.length) throw endsEarly();
  const packed = bytes.subarray(offset, offset + length);
  let raw;
  try {
    raw = COMPRESSIONS[compression]!(packed, expected);
  } catch (cause) {
    throw damaged(cause);
  }
  // The last strip is as high as the rest of the picture.
  const rows = Math.min(partHeight, Math.floor(raw.length / rowBytes));
  const samples = bits === 16 ? new Uint16Array(rows * rowSamples) : new Uint8Array(rows * rowSamples);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const mask = (1 << bits) - 1;
  for (let y = 0, at = 0; y < rows; y++) {
    for (let i = 0; i < rowSamples; i++, at++) {
      if (bits === 8) samples[at] = raw[y * rowBytes + i]!;
      else if (bits === 16) samples[at] = view.getUint16(y * rowBytes + 2 * i, isLittle);
      else {
        const bit = i * bits;
        samples[at] = (raw[y * rowBytes + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
      }
      if (hasPredictor && i >= perPixel) samples[at] = samples[at]! + samples[at - perPixel]!;
    }
  }
  return samples;
}

/** All samples, `[height, width, samples]`. */
function readSamples(bytes: Buffer, layout: Layout): Uint8Array | Uint16Array {
  const { width, height, samples, bits, partWidth, partHeight, isPlanar } = layout;
  const across = Math.ceil(width / partWidth);
  const down = Math.ceil(height / partHeight);
  const planes = isPlanar ? samples : 1;
  const perPixel = isPlanar ? 1 : samples;
  if (layout.offsets.length < across * down * planes) throw damaged();
  const all =
    bits === 16 ? new Uint16Array(width * height * samples) : new Uint8Array(width * height * samples);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < down; row++) {
      const rows = Math.min(partHeight, height - row * partHeight);
      for (let column = 0; column < across; column++) {
        const part = partSamples(bytes, layout, (plane * down + row) * across + column, perPixel);
        if (part.length < rows * partWidth * perPixel) throw endsEarly();
        const columns = Math.min(partWidth, width - column * partWidth);
        for (let y = 0; y < rows; y++) {
          let from = y * partWidth * perPixel;
          let to = ((row * partHeight + y) * width + column * partWidth) * samples + plane;
          if (perPixel === samples) {
            all.set(part.subarray(from, from + columns * samples), to);
            continue;
          }
          for (let x = 0; x < columns; x++, from++, to += samples) all[to] = part[from]!;
        }
      }
    }
  }
  return all;
}

/** How samples become grey or colours. */
interface Colours {
  readonly photometric: number;
  /** The position of the sample for transparency. */
  readonly alpha: number | undefined;
  /** Whether colours were multiplied by it. */
  readonly isAssociated: boolean;
  readonly palette: readonly number[] | undefined;
}

function toColours(all: Uint8Array | Uint16Array, layout: Layout, colours: Colours): Samples {
  const { samples, bits } = layout;
  const { photometric, alpha, isAssociated, palette } = colours;
  const pixels = all.length / samples;
  if (palette) {
    const size = 1 << bits;
    const data = new Uint8Array(pixels * 3);
    for (let i = 0; i < pixels; i++) {
      const index = all[i * samples]!;
      for (let c = 0; c < 3; c++) data[3 * i + c] = palette[c * size + index]! >> 8;
    }
    return { channels: 3, data, isTransparent: false };
  }
  const channels = photometric === 2 ? 3 : 1;
  const most = bits === 16 ? 65_535 : 255;
  const scale = bits < 8 ? 255 / ((1 << bits) - 1) : 1;
  if (samples === channels && photometric !== 0 && scale === 1) {
    return { channels, data: all, isTransparent: false };
  }
  const data = bits === 16 ? new Uint16Array(pixels * channels) : new Uint8Array(pixels * channels);
  let isTransparent = false;
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < channels; c++) {
      let value = all[i * samples + c]! * scale;
      if (photometric === 0) value = most - value;
      if (alpha !== undefined) {
        const opacity = (all[i * samples + alpha]! * scale) / most;
        if (opacity < 1) isTransparent = true;
        value = Math.min(most, Math.round((isAssociated ? value : value * opacity) + most * (1 - opacity)));
      }
      data[i * channels + c] = value;
    }
  }
  return { channels, data, isTransparent };
}

function coloursOf(directory: Directory, samples: number, bits: number): Colours {
  const photometric = directory.get(Tag.photometric)?.[0] ?? 1;
  const names: Readonly<Record<number, string>> = {
    5: 'with four inks (CMYK)',
    6: 'with YCbCr colours',
    8: 'with CIELab colours',
  };
  if (photometric > 3) throw unsupported(names[photometric] ?? `with colours of kind ${photometric}`);
  const channels = photometric === 2 ? 3 : 1;
  if (samples < channels || samples > channels + 1) throw unsupported(`with ${samples} channels`);
  const palette = photometric === 3 ? directory.get(Tag.palette) : undefined;
  if (photometric === 3 && (bits > 8 || (palette?.length ?? 0) < 3 << bits)) throw damaged();
  if (photometric === 2 && bits < 8) throw unsupported(`of ${bits} bits`);
  const extra = directory.get(Tag.extra)?.[0] ?? 2;
  const hasAlpha = samples > channels && extra !== 0 && !palette;
  return { photometric, alpha: hasAlpha ? channels : undefined, isAssociated: extra === 1, palette };
}

function layoutOf(directory: Directory, isLittle: boolean): Layout {
  const one = (tag: number, otherwise: number): number => directory.get(tag)?.[0] ?? otherwise;
  const width = one(Tag.width, 0);
  const height = one(Tag.height, 0);
  if (width === 0 || height === 0) throw damaged();
  const samples = one(Tag.samples, 1);
  const depths = directory.get(Tag.bits) ?? [1];
  const bits = depths[0] ?? 1;
  const formats = directory.get(Tag.format) ?? [1];
  if (formats.some((format) => format === 3)) throw unsupported('of floating-point numbers');
  if (formats.some((format) => format !== 1 && format !== 4)) throw unsupported('of signed numbers');
  if (![1, 2, 4, 8, 16].includes(bits) || depths.some((each) => each !== bits))
    throw unsupported(`of ${bits} bits`);
  const compression = one(Tag.compression, 1);
  if (!Object.hasOwn(COMPRESSIONS, compression)) {
    throw unsupported(COMPRESSION_NAMES[compression] ?? `compressed in a way of number ${compression}`);
  }
  if (one(Tag.fillOrder, 1) !== 1 && bits < 8) throw unsupported('with bits in reverse order');
  const predictor = one(Tag.predictor, 1);
  if (predictor !== 1 && !(predictor === 2 && bits >= 8)) throw unsupported(`with predictor ${predictor}`);
  const isTiled = directory.has(Tag.tileOffsets);
  const partWidth = isTiled ? one(Tag.tileWidth, 0) : width;
  const partHeight = isTiled ? one(Tag.tileHeight, 0) : Math.min(height, one(Tag.rowsPerStrip, height));
  const offsets = directory.get(isTiled ? Tag.tileOffsets : Tag.stripOffsets);
  if (!offsets || partWidth === 0 || partHeight === 0) throw damaged();
  // A tile may be larger than the picture, but not by much.
  if (partWidth > width + 4096 || partHeight > height + 4096) throw damaged();
  return {
    ...{ width, height, samples, isLittle, compression, partWidth, partHeight, offsets },
    bits: bits as Layout['bits'],
    isPlanar: samples > 1 && one(Tag.planar, 1) === 2,
    hasPredictor: predictor === 2,
    byteCounts: directory.get(isTiled ? Tag.tileBytes : Tag.stripBytes),
  };
}

/**
 * Reads the header of one picture of a TIFF: grey, colours or a palette, with transparency or without, of up to 16 bits,
 * in strips or tiles, uncompressed or compressed by LZW, Deflate or PackBits.
 *
 * @param page - which picture of the file, from 0
 * @throws UnreadableImage for other kinds, with their name
 */
export function readTiff(bytes: Buffer, page: number): OwnPicture {
  const directories = new Directories((offset, length) => bytes.subarray(offset, offset + length));
  let index = 0;
  for (const directory of directories.each(() => true)) {
    if (index++ < page) continue;
    const layout = layoutOf(directory, directories.isLittle);
    const colours = coloursOf(directory, layout.samples, layout.bits);
    const { width, height, bits } = layout;
    const orientation = directory.get(Tag.orientation)?.[0] ?? 1;
    return {
      width,
      height,
      orientation: orientation >= 1 && orientation <= 8 ? (orientation as Orientation) : 1,
      isDeep: bits === 16,
      decode() {
        if (bits === 16) checkDeepSize(width, height);
        return toColours(readSamples(bytes, layout), layout, colours);
      },
    };
  }
  throw new UnreadableImage('the TIFF holds no picture');
}
