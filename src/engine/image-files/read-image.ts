import type { Bounds } from '../../contract/contrast.ts';
import type { Crop } from '../../contract/dataset.ts';
import type { ImageSize } from '../../contract/image-size.ts';
import { decodeJpeg } from '../tensorflow/jpeg.ts';
import { areaResize } from './area-resize.ts';
import { countIntensities, stretch } from './contrast.ts';
import { decodeDeepPng, isDeepPng } from './deep-png.ts';
import type { Box, Pixels } from './pixels.ts';
import { decodeBmp } from './bmp-decoder.ts';
import { decodeWithCanvas } from './canvas-decoder.ts';
import { cropBox } from './crop.ts';
import { decodableJpeg, readJpegHeader, type JpegHeader } from './jpeg-header.ts';
import { storedBox, turnUpright, uprightSize, type Orientation } from './orientation.ts';
import type { OwnPicture } from './own-picture.ts';
import {
  pictureFormat,
  readPictureHeader,
  type CanvasFormat,
  type PictureFormat,
  type PictureHeader,
  type PictureSize,
} from './picture-header.ts';
import { readHeic } from './heic.ts';
import { readPnm } from './pnm.ts';
import { readTiff } from './tiff.ts';
import { checkSize, UnreadableImage } from './unreadable.ts';

/** Pictures with more pixels than this are decoded one at a time, because each takes hundreds of megabytes. */
const HUGE_PIXELS = 16_000_000;

/** How a picture becomes an image of a data set: its crop, its size and its contrast. */
export interface ImageForm {
  readonly crop: Crop;
  readonly imageSize: ImageSize;
  /** The intensities that become black and white; the range of the file's type if left out. */
  readonly bounds?: Bounds | undefined;
}

/** Runs work that needs much memory, so that only one such work runs at a time. */
export type RunExclusively = <T>(heavy: () => T) => T;

/** The part of a stored picture that becomes the image. */
function boxFor(crop: Crop, picture: PictureSize & { readonly orientation: Orientation }): Box {
  const { width, height } = uprightSize(picture);
  const box = cropBox(crop, width, height);
  if (box) return storedBox(picture.orientation, box, picture.width, picture.height);
  throw new UnreadableImage(`it is ${width}×${height} pixels, not of the shape of CelebA's faces (178×218)`);
}

/** A decoded picture, of which `box` becomes the image. */
interface Decoded extends Omit<Pixels, 'data'> {
  readonly data: Pixels['data'] | Uint16Array;
  readonly box: Box;
  /** Whether some pixel is transparent, and was laid over white. */
  readonly isTransparent: boolean;
}

function decodeJpegFile(bytes: Buffer, header: JpegHeader, crop: Crop): Decoded {
  const box = boxFor(crop, header);
  const channels = header.components === 1 ? 1 : 3;
  const left = Math.floor(box.left);
  const top = Math.floor(box.top);
  const wanted = { left, top, width: Math.ceil(box.right) - left, height: Math.ceil(box.bottom) - top };
  let decoded;
  try {
    decoded = decodeJpeg(decodableJpeg(bytes, header), header, wanted, channels);
  } catch (cause) {
    const early = cause instanceof Error && cause.message.includes('Premature end');
    throw new UnreadableImage(early ? 'the JPEG ends early' : 'the JPEG is damaged', { cause });
  }
  const inside = {
    left: box.left - decoded.left,
    top: box.top - decoded.top,
    right: box.right - decoded.left,
    bottom: box.bottom - decoded.top,
  };
  const { width: wide, height: high, data } = decoded;
  return {
    width: wide,
    height: high,
    pixelBytes: channels,
    channels,
    data,
    box: inside,
    isTransparent: false,
  };
}

/** @param isExact - whether pictures of 16 bits keep them; without a stretch their eight higher bits are enough */
function decodeOther(format: CanvasFormat, header: PictureHeader, crop: Crop, isExact: boolean): Decoded {
  if (isExact && isDeepPng(header.decodable)) {
    const deep = decodeDeepPng(header.decodable, header.width, header.height);
    return { ...deep, pixelBytes: deep.channels, box: boxFor(crop, header) };
  }
  const pixels =
    format === 'BMP'
      ? { ...decodeBmp(header.decodable), isTransparent: false }
      : decodeWithCanvas(format, header);
  return { ...pixels, box: boxFor(crop, header) };
}

/** The eight higher bits of 16, and eight bits as they are. */
function higherBytes(data: Decoded['data']): Pixels['data'] {
  return data instanceof Uint16Array ? Uint8Array.from(data, (intensity) => intensity >> 8) : data;
}

/** The formats that have readers of their own. */
type OwnFormat = Exclude<PictureFormat, CanvasFormat | 'JPEG'>;

function readOwn(format: OwnFormat, bytes: Buffer, page: number): OwnPicture {
  try {
    if (format === 'HEIC') return readHeic(bytes);
    return format === 'PNM' ? readPnm(bytes) : readTiff(bytes, page);
  } catch (error) {
    // Reading past the end of the buffer throws a RangeError.
    if (error instanceof RangeError) throw new UnreadableImage(`the ${format} ends early`, { cause: error });
    throw error;
  }
}

function decodeOwn(picture: OwnPicture, crop: Crop): Decoded {
  const decoded = picture.decode();
  const { width, height } = picture;
  return { ...decoded, width, height, pixelBytes: decoded.channels, box: boxFor(crop, picture) };
}

/** A picture whose header was read. */
export interface OpenedPicture extends PictureSize {
  readonly orientation: Orientation;
  /** Whether its intensities have 16 bits. */
  readonly isDeep: boolean;
  /** Number of pictures in the file, of which this one alone is read; other pages of a TIFF do not count. */
  readonly pictures: number;
  decode(crop: Crop, isExact: boolean): Decoded;
}

/**
 * Reads a picture's header.
 *
 * @param page - which picture of a TIFF, from 0
 * @throws UnreadableImage
 */
export function openPicture(bytes: Buffer, page = 0): OpenedPicture {
  const format = pictureFormat(bytes);
  if (format === 'JPEG') {
    const header = readJpegHeader(bytes);
    const { width, height, orientation } = header;
    const decode = (crop: Crop): Decoded => decodeJpegFile(bytes, header, crop);
    return { width, height, orientation, isDeep: false, pictures: 1, decode };
  }
  if (format === 'PNM' || format === 'TIFF' || format === 'HEIC') {
    const picture = readOwn(format, bytes, page);
    return { pictures: 1, ...picture, decode: (crop) => decodeOwn(picture, crop) };
  }
  const header = readPictureHeader(format, bytes);
  const { width, height, orientation } = header;
  return {
    width,
    height,
    orientation,
    isDeep: isDeepPng(header.decodable),
    pictures: 1,
    decode: (crop, isExact) => decodeOther(format, header, crop, isExact),
  };
}

/** Runs work on a picture, exclusively if the picture is huge. */
function work<T>(picture: PictureSize, exclusively: RunExclusively, heavy: () => T): T {
  checkSize(picture.width, picture.height);
  return picture.width * picture.height > HUGE_PIXELS ? exclusively(heavy) : heavy();
}

/**
 * Adds a picture's intensities to a histogram.
 *
 * @param bytes - the whole file
 * @param histogram - `[INTENSITIES]`
 * @throws UnreadableImage with the reason for leaving it out
 */
export function measureImage(
  bytes: Buffer,
  histogram: Int32Array,
  exclusively: RunExclusively = (heavy) => heavy(),
  page = 0,
): void {
  const picture = openPicture(bytes, page);
  work(picture, exclusively, () => {
    const { data, pixelBytes, channels } = picture.decode('none', true);
    countIntensities({ data, stride: pixelBytes, channels }, histogram);
  });
}

/** Converts pixels to one byte each if red, green and blue are the same everywhere. */
function packIfGrey(pixels: Uint8Array, imageSize: ImageSize): boolean {
  const places = imageSize * imageSize;
  for (let i = 0; i < 3 * places; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return false;
  }
  for (let i = 0; i < places; i++) pixels[i] = pixels[i * 3]!;
  return true;
}

/** What was found in a picture while it was read. */
export interface ReadPicture {
  /** 1 if all pixels of the image are grey, even if the file has colour. */
  readonly channels: 1 | 3;
  /** Whether some of its pixels are transparent; they were laid over white. */
  readonly isTransparent: boolean;
  /** Whether its file holds further pictures that were not read. */
  readonly isOneOfSeveral: boolean;
}

/**
 * Makes an image of a data set from a picture file: decodes, rotates, crops and resizes it.
 *
 * @param bytes - the whole file
 * @param into - `[imageSize, imageSize, 3]`; receives the image; a grey image fills the first third
 * @param exclusively - runs the decoding of huge pictures
 * @param page - which picture of a TIFF, from 0
 * @returns what was read
 * @throws UnreadableImage with the reason for leaving it out
 */
export function readImage(
  bytes: Buffer,
  form: ImageForm,
  into: Uint8Array,
  exclusively: RunExclusively = (heavy) => heavy(),
  page = 0,
): ReadPicture {
  const { crop, imageSize, bounds } = form;
  const picture = openPicture(bytes, page);
  const { channels, isTransparent } = work(picture, exclusively, () => {
    const { box, ...decoded } = picture.decode(crop, bounds !== undefined);
    const data = bounds ? stretch(decoded.data, bounds) : higherBytes(decoded.data);
    areaResize({ ...decoded, data }, box, imageSize, into);
    turnUpright(picture.orientation, into, imageSize, decoded.channels);
    return decoded;
  });
  return {
    channels: channels === 1 || packIfGrey(into, imageSize) ? 1 : 3,
    isTransparent,
    isOneOfSeveral: picture.pictures > 1,
  };
}
