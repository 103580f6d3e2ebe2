import { EXIF, exifOrientation } from './exif.ts';
import type { Orientation } from './orientation.ts';
import { UnreadableImage } from './unreadable.ts';

/** The header of a JPEG. */
export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for colour, 4 for CMYK. */
  readonly components: number;
  /** The EXIF orientation; 1 if there is none. */
  readonly orientation: Orientation;
  /** Whether a marker of Adobe's states how its colours are stored. */
  readonly hasAdobe: boolean;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const APP14 = 0xee;
const ADOBE = 'Adobe';
const END_OF_IMAGE = Buffer.from([0xff, EOI]);
const START_OF_SCAN = Buffer.from([0xff, SOS]);
/** Maximum number of scans. A picture with many more could take hours to decode; encoders write about ten. */
const MAX_SCANS = 100;

/** SOF0 … SOF15 without DHT, JPG and DAC, which share the range (ITU T.81, table B.1). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Progressive frames, in which each scan refines all pixels (ITU T.81, table B.1). */
const PROGRESSIVE = new Set([0xc2, 0xc6, 0xca, 0xce]);

/** True for a marker without a segment. */
function isBare(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= SOI);
}

/** A function, because creating an error records its stack, which takes longer than reading the header. */
function endsEarly(): UnreadableImage {
  return new UnreadableImage('the JPEG ends early');
}

/**
 * The number of scans of a picture, the first of which begins at `at`. The decoder processes all pixels in each
 * scan. The scans of a preview that a camera has appended are counted too.
 */
function countScans(bytes: Buffer, at: number): number {
  let scans = 1;
  for (let next = at; scans <= MAX_SCANS; scans++) {
    next = bytes.indexOf(START_OF_SCAN, next) + 2;
    if (next < 2) break;
  }
  return scans;
}

/**
 * Reads a JPEG's markers up to its pixels, and searches for its end. The decoder reads the size again, so a file in
 * which it could find another size is refused as damaged.
 *
 * @throws UnreadableImage if it is damaged or ends early; TensorFlow would not report a missing end below the crop
 */
export function readJpegHeader(bytes: Buffer): JpegHeader {
  let frame: Omit<JpegHeader, 'orientation' | 'hasAdobe'> | undefined;
  let frameMarker = 0;
  let orientation: Orientation = 1;
  let hasAdobe = false;
  let at = 2;
  for (;;) {
    if (at + 4 > bytes.length) throw endsEarly();
    if (bytes[at] !== 0xff) throw new UnreadableImage('the JPEG is damaged');
    const marker = bytes[at + 1]!;
    // Not a marker: the decoder continues with the next byte, not after the segment.
    if (marker === 0) throw new UnreadableImage('the JPEG is damaged');
    if (marker === 0xff || isBare(marker)) {
      // Fill bytes are allowed before any marker.
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === EOI) throw new UnreadableImage('the JPEG holds no picture');
    const length = bytes.readUInt16BE(at + 2);
    const body = at + 4;
    at += 2 + length;
    if (length < 2) throw new UnreadableImage('the JPEG is damaged');
    if (at > bytes.length) throw endsEarly();
    if (marker === APP1 && bytes.toString('latin1', body, body + EXIF.length) === EXIF) {
      orientation = exifOrientation(bytes.subarray(body + EXIF.length, at));
    }
    if (marker === APP14 && bytes.toString('latin1', body, body + ADOBE.length) === ADOBE) hasAdobe = true;
    if (isFrame(marker)) {
      // A second frame is also an error for the decoder.
      if (length < 8 || frame) throw new UnreadableImage('the JPEG is damaged');
      frame = {
        height: bytes.readUInt16BE(body + 1),
        width: bytes.readUInt16BE(body + 3),
        components: bytes[body + 5]!,
      };
      frameMarker = marker;
    }
    if (marker === SOS) {
      const isWhole = !PROGRESSIVE.has(frameMarker) && bytes[body] === frame?.components;
      if (!isWhole && countScans(bytes, at) > MAX_SCANS) {
        throw new UnreadableImage(`the JPEG comes in more than ${MAX_SCANS} scans`);
      }
      break;
    }
  }
  // In pixel data, 0xff is always followed by zero or a restart marker, so this can only be the end marker. Cameras
  // append previews and videos after it.
  const ended = bytes[bytes.length - 1] === EOI && bytes[bytes.length - 2] === 0xff;
  if (!ended && bytes.lastIndexOf(END_OF_IMAGE) < at) throw endsEarly();
  if (!frame) throw new UnreadableImage('the JPEG is damaged');
  return { ...frame, orientation, hasAdobe };
}

/** The marker of Adobe's that says that inks are stored as they are, not as a brightness and two colours. */
const INKS_AS_THEY_ARE = Buffer.from([0xff, APP14, 0, 14, ...Buffer.from(ADOBE), 0, 100, 0, 0, 0, 0, 0]);

/**
 * The file for the decoder. A picture of four inks without Adobe's marker gets one, because programs store inks inverted,
 * with the marker or without, and browsers read both so; the decoder would read it as black.
 */
export function decodableJpeg(bytes: Buffer, { components, hasAdobe }: JpegHeader): Buffer {
  if (components !== 4 || hasAdobe) return bytes;
  return Buffer.concat([bytes.subarray(0, 2), INKS_AS_THEY_ARE, bytes.subarray(2)]);
}
