/** A picture in memory, rows from the top, channels interleaved. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Bytes a pixel; only the first {@link channels} of them are read (four bytes of RGBA hold three channels). */
  readonly pixelBytes: 1 | 3 | 4;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A rectangle of a picture, in pixels; its edges may lie within pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
