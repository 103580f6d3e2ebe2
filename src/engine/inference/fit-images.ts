import { imageBytes, type ImageShape } from '../../contract/image-size.ts';
import { areaResize } from '../image-files/area-resize.ts';
import { luma } from '../pictures/picture.ts';

function withChannels(images: Uint8Array, from: 1 | 3, to: 1 | 3): Uint8Array {
  if (from === to) return images;
  const pixels = images.length / from;
  const converted = new Uint8Array(pixels * to);
  for (let i = 0; i < pixels; i++) {
    if (to === 3) converted.fill(images[i]!, 3 * i, 3 * i + 3);
    else converted[i] = luma([images[3 * i]!, images[3 * i + 1]!, images[3 * i + 2]!]);
  }
  return converted;
}

/**
 * Converts images to a model's format: grey is repeated or colour becomes its luma, and images of another size are
 * resized by area means, as in the import.
 *
 * @param images - `[count, from.imageSize, from.imageSize, from.channels]`, bytes
 * @returns `[count, to.imageSize, to.imageSize, to.channels]`; the argument itself if no conversion is needed
 */
export function fitImages(images: Uint8Array, from: ImageShape, to: ImageShape): Uint8Array {
  const converted = withChannels(images, from.channels, to.channels);
  if (from.imageSize === to.imageSize) return converted;
  const { channels, imageSize: size } = to;
  const side = from.imageSize;
  const [before, after] = [imageBytes({ imageSize: side, channels }), imageBytes(to)];
  const count = converted.length / before;
  const fitted = new Uint8Array(count * after);
  const box = { left: 0, top: 0, right: side, bottom: side };
  for (let i = 0; i < count; i++) {
    const data = converted.subarray(i * before, (i + 1) * before);
    const into = fitted.subarray(i * after, (i + 1) * after);
    areaResize({ width: side, height: side, pixelBytes: channels, channels, data }, box, size, into);
  }
  return fitted;
}
