import type { Orientation } from './orientation.ts';
import { UnreadableImage } from './unreadable.ts';

/** Decoded pixels, rows from the top, channels interleaved. */
export interface Samples {
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint16Array;
  /** Whether some pixel is transparent, and was laid over white. */
  readonly isTransparent: boolean;
}

/** A picture whose header was read, and that a decoder other than the canvas reads. */
export interface OwnPicture {
  /** Of the stored picture. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Whether its intensities have 16 bits. */
  readonly isDeep: boolean;
  /** Number of pictures in the file, of which only this one is read; 1 if left out. */
  readonly pictures?: number;
  /**
   * Decodes the pixels.
   *
   * @throws UnreadableImage
   */
  decode(): Samples;
}

/** Maximum number of pixels of a picture of 16 bits, which takes several times the memory of other pictures. */
const MOST_DEEP_PIXELS = 25_000_000;

/** @throws UnreadableImage for a picture of 16 bits that is very large */
export function checkDeepSize(width: number, height: number): void {
  if (width * height <= MOST_DEEP_PIXELS) return;
  throw new UnreadableImage(
    `it is ${width}×${height} pixels of 16 bits; more than ${MOST_DEEP_PIXELS / 1e6} million are not read`,
  );
}
