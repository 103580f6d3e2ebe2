/**
 * The error for a file of an import that cannot be used. The message contains only the reason, for the list of
 * skipped files.
 */
export class UnreadableImage extends Error {
  override readonly name = 'UnreadableImage';
}

/** Minimum side of an image. Smaller images are icons or tracking pixels. */
export const MIN_SIDE_PX = 8;
/** Maximum number of pixels, as a protection against decompression bombs. */
export const MAX_PIXELS = 100_000_000;
/** Maximum size of a file. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Refuses images by the size in their header, before they are decoded.
 *
 * @throws UnreadableImage
 */
export function checkSize(width: number, height: number): void {
  if (width * height > MAX_PIXELS) {
    throw new UnreadableImage(
      `it is ${width}×${height} pixels; more than ${MAX_PIXELS / 1e6} million are not decoded`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE_PX) {
    throw new UnreadableImage(
      `it is ${width}×${height} pixels: too small (at least ${MIN_SIDE_PX}×${MIN_SIDE_PX})`,
    );
  }
}
