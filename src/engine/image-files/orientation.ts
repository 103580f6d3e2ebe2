import type { Box } from './pixels.ts';

/**
 * The EXIF orientation: how the stored picture must be transformed to be upright. 1 unchanged; 2 mirrored
 * horizontally; 3 rotated by 180°; 4 mirrored vertically; 5 transposed; 6 rotated clockwise; 7 transposed along the
 * other diagonal; 8 rotated anticlockwise.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** True if width and height are exchanged when the picture is made upright. */
function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** The size of a stored picture after it was made upright. */
export function uprightSize({
  width,
  height,
  orientation,
}: {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}): { readonly width: number; readonly height: number } {
  return swapsSides(orientation) ? { width: height, height: width } : { width, height };
}

/** The position of a point of the upright picture in the stored one, whose sides are `width` and `height`. */
function storedPoint(
  orientation: Orientation,
  x: number,
  y: number,
  width: number,
  height: number,
): readonly [number, number] {
  switch (orientation) {
    case 1:
      return [x, y];
    case 2:
      return [width - x, y];
    case 3:
      return [width - x, height - y];
    case 4:
      return [x, height - y];
    case 5:
      return [y, x];
    case 6:
      return [y, height - x];
    case 7:
      return [width - y, height - x];
    case 8:
      return [width - y, x];
  }
}

/**
 * Converts a box of the upright picture to one of the stored picture. Cropping and resizing first and rotating the
 * small square afterwards gives the same picture with less work.
 *
 * @param width - the stored picture's
 * @param height - the stored picture's
 */
export function storedBox(orientation: Orientation, box: Box, width: number, height: number): Box {
  const [x0, y0] = storedPoint(orientation, box.left, box.top, width, height);
  const [x1, y1] = storedPoint(orientation, box.right, box.bottom, width, height);
  return { left: Math.min(x0, x1), top: Math.min(y0, y1), right: Math.max(x0, x1), bottom: Math.max(y0, y1) };
}

/**
 * Makes a square picture upright, in place.
 *
 * @param pixels - `[size, size, channels]`
 */
export function turnUpright(
  orientation: Orientation,
  pixels: Uint8Array,
  size: number,
  channels: number,
): void {
  if (orientation === 1) return;
  const stored = pixels.slice(0, size * size * channels);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [sx, sy] = storedPoint(orientation, x, y, size - 1, size - 1);
      const from = (sy * size + sx) * channels;
      const to = (y * size + x) * channels;
      for (let c = 0; c < channels; c++) pixels[to + c] = stored[from + c]!;
    }
  }
}
