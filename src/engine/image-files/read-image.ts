import type { Crop } from '../../contract/dataset.ts';
import type { ImageSize } from '../../contract/image-size.ts';
import { decodeJpeg } from '../tensorflow/jpeg.ts';
import { areaResize } from './area-resize.ts';
import type { Box } from './pixels.ts';
import { decodeBmp } from './bmp-decoder.ts';
import { decodeWithCanvas } from './canvas-decoder.ts';
import { cropBox } from './crop.ts';
import { readJpegHeader, type JpegHeader } from './jpeg-header.ts';
import { storedBox, swapsSides, turnUpright } from './orientation.ts';
import { pictureFormat, readPictureHeader, type PictureHeader, type PictureSize } from './picture-header.ts';
import { checkSize, UnreadableImage } from './unreadable.ts';

/** Pictures with more pixels than this are decoded one at a time, because each takes hundreds of megabytes. */
const HUGE_PIXELS = 16_000_000;

/** How a picture becomes an image of a data set: its crop and its size. */
export interface ImageForm {
  readonly crop: Crop;
  readonly imageSize: ImageSize;
}

/** Runs work that needs much memory, so that only one such work runs at a time. */
export type RunExclusively = <T>(heavy: () => T) => T;

function boxFor(crop: Crop, width: number, height: number): Box {
  const box = cropBox(crop, width, height);
  if (box) return box;
  throw new UnreadableImage(`it is ${width}×${height} pixels, not of the shape of CelebA's faces (178×218)`);
}

/** @returns the number of channels written */
function readJpeg(
  bytes: Buffer,
  header: JpegHeader,
  { crop, imageSize }: ImageForm,
  into: Uint8Array,
): 1 | 3 {
  const { width, height, orientation } = header;
  const upright = swapsSides(orientation) ? boxFor(crop, height, width) : boxFor(crop, width, height);
  const box = storedBox(orientation, upright, width, height);
  const channels = header.components === 1 ? 1 : 3;
  const left = Math.floor(box.left);
  const top = Math.floor(box.top);
  const wanted = { left, top, width: Math.ceil(box.right) - left, height: Math.ceil(box.bottom) - top };
  let decoded;
  try {
    decoded = decodeJpeg(bytes, header, wanted, channels);
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
  areaResize(
    { width: decoded.width, height: decoded.height, pixelBytes: channels, channels, data: decoded.data },
    inside,
    imageSize,
    into,
  );
  turnUpright(orientation, into, imageSize, channels);
  return channels;
}

function readOther(
  format: string,
  header: PictureHeader,
  { crop, imageSize }: ImageForm,
  into: Uint8Array,
): 3 {
  const pixels = format === 'BMP' ? decodeBmp(header.decodable) : decodeWithCanvas(format, header);
  areaResize(pixels, boxFor(crop, pixels.width, pixels.height), imageSize, into);
  return 3;
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

/**
 * Makes an image of a data set from a picture file: decodes, rotates, crops and resizes it.
 *
 * @param bytes - the whole file
 * @param into - `[imageSize, imageSize, 3]`; receives the image; a grey image fills the first third
 * @param exclusively - runs the decoding of huge pictures
 * @returns the image's channels: 1 if all its pixels are grey, even if the file has colour
 * @throws UnreadableImage with the reason for leaving it out
 */
export function readImage(
  bytes: Buffer,
  form: ImageForm,
  into: Uint8Array,
  exclusively: RunExclusively = (heavy) => heavy(),
): 1 | 3 {
  const format = pictureFormat(bytes);
  let header: PictureSize;
  let decode: () => 1 | 3;
  if (format === 'JPEG') {
    const jpeg = readJpegHeader(bytes);
    header = jpeg;
    decode = () => readJpeg(bytes, jpeg, form, into);
  } else {
    const other = readPictureHeader(format, bytes);
    header = other;
    decode = () => readOther(format, other, form, into);
  }
  checkSize(header.width, header.height);
  const channels = header.width * header.height > HUGE_PIXELS ? exclusively(decode) : decode();
  return channels === 1 || packIfGrey(into, form.imageSize) ? 1 : 3;
}
