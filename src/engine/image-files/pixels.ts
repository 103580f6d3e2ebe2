/** A picture in memory, rows from the top, channels interleaved. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Bytes per pixel, of which only the first `channels` are read (RGBA has four bytes and three channels). */
  readonly pixelBytes: 1 | 3 | 4;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A rectangle of a picture, in pixels; its edges may be fractional. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
