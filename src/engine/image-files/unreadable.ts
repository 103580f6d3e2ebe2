/** Why one file of an import cannot be used: `message` is the reason alone, for the list of skipped files. */
export class UnreadableImage extends Error {
  override readonly name = 'UnreadableImage';
}

/** An image with a side shorter than this is an icon or a tracking pixel. */
export const MIN_SIDE_PX = 8;
/** An image with more pixels than this would fill the memory: a "decompression bomb". */
export const MAX_PIXELS = 100_000_000;
/** A file larger than this is not read. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Refuses images by the size that their header states, before anything is decoded.
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
