import { UnravelError } from '../../contract/errors.ts';
import { DEFAULT_IMAGE_SIZE, type ImageSize } from '../../contract/image-size.ts';
import { uprightSize } from '../image-files/orientation.ts';
import type { PictureSize } from '../image-files/picture-header.ts';
import { openPicture } from '../image-files/read-image.ts';
import { UnreadableImage } from '../image-files/unreadable.ts';
import { pageOf } from './import-protocol.ts';
import { MOST_PREVIEWS, spread } from './previews.ts';
import { openItemReader } from './read-item.ts';
import type { ImageSource } from './source.ts';

/** Number of pictures whose sizes are read, and whose shapes are compared with CelebA's. */
const MOST_SIZES = 5;

/** The smaller side of the smallest picture. */
export function smallerSide(sizes: readonly PictureSize[]): number {
  return Math.min(...sizes.map(({ width, height }) => Math.min(width, height)));
}

/**
 * Reads the sizes of a few pictures: of the first one, and of others that are spread over the source.
 *
 * @param seed - of the choice of the others
 * @returns upright sizes; none of pictures that cannot be read
 */
export function readSizes(source: ImageSource, seed: number): PictureSize[] {
  const { origin, names } = source;
  const looked = [...(names.length > 0 ? [0] : []), ...spread(names.length, MOST_PREVIEWS, seed)];
  const files = openItemReader(origin);
  const sizes: PictureSize[] = [];
  try {
    for (const index of looked) {
      const item = source.item(index);
      try {
        sizes.push(uprightSize(openPicture(files.read(item), pageOf(item))));
      } catch (error) {
        const isUnreadable = error instanceof UnreadableImage || error instanceof UnravelError;
        if (!isUnreadable && !(error instanceof Error && 'code' in error)) throw error;
      }
      if (sizes.length === MOST_SIZES) break;
    }
  } finally {
    files.close();
  }
  return sizes;
}

/** What is said of an import at a size that was chosen and that its pictures do not have; nothing where they have it. */
export function sayEnlarged(sizes: readonly PictureSize[], imageSize: ImageSize): string[] {
  if (sizes.length === 0 || imageSize <= DEFAULT_IMAGE_SIZE) return [];
  const small = sizes.find(({ width, height }) => Math.min(width, height) === smallerSide(sizes))!;
  if (smallerSide(sizes) >= imageSize) return [];
  return [
    `Pictures smaller than ${imageSize}×${imageSize} pixels were enlarged, such as those of ${small.width}×${small.height}.`,
  ];
}
