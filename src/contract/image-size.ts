import * as v from 'valibot';

/** The widths, in pixels, that the square images of a data set may have. */
export const IMAGE_SIZES = [32, 64, 128, 256] as const;
export const ImageSizeSchema = v.picklist(IMAGE_SIZES);
export type ImageSize = v.InferOutput<typeof ImageSizeSchema>;

/** The size of the paper's images, and of imported images if no other size is requested. */
export const DEFAULT_IMAGE_SIZE: ImageSize = 64;

/**
 * The sizes that are offered for pictures: those that they give without being enlarged, and those up to the default size,
 * which small pictures are enlarged to.
 *
 * @param smallerSidePx - the smaller side of the smallest picture; undefined where it is not known
 */
export function offeredSizes(smallerSidePx: number | undefined): ImageSize[] {
  const most = Math.max(DEFAULT_IMAGE_SIZE, smallerSidePx ?? 0);
  return IMAGE_SIZES.filter((size) => size <= most);
}

/** The size of an image, which has one byte for each channel of each pixel. */
export interface ImageShape {
  /** Width and height in pixels. */
  readonly imageSize: number;
  readonly channels: 1 | 3;
}

/** The number of bytes of one image. */
export function imageBytes({ imageSize, channels }: ImageShape): number {
  return imageSize * imageSize * channels;
}
