import * as v from 'valibot';

/** The sizes that the images of a data set may have: they are square, and so many pixels wide and high. */
export const IMAGE_SIZES = [32, 64, 128, 256] as const;
export const ImageSizeSchema = v.picklist(IMAGE_SIZES);
export type ImageSize = v.InferOutput<typeof ImageSizeSchema>;

/** The size of the paper's images; what an import makes where nobody asks for another. */
export const DEFAULT_IMAGE_SIZE: ImageSize = 64;

/** What decides how many bytes an image has: a byte for each channel of each pixel. */
export interface ImageShape {
  /** Width and height in pixels. */
  readonly imageSize: number;
  readonly channels: 1 | 3;
}

/** The number of bytes of one image. */
export function imageBytes({ imageSize, channels }: ImageShape): number {
  return imageSize * imageSize * channels;
}
