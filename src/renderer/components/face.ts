import type { Tensor } from '../../contract/tensor.ts';

/** One image as bytes, `[height, width, channels]`. */
export interface FaceImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** The images of a batch `[n, height, width, channels]`; they share its bytes. */
export function facesOf({ shape, data }: Tensor<'u8'>): FaceImage[] {
  const [count = 0, height = 0, width = 0, channels = 3] = shape;
  const size = height * width * channels;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    channels: channels as 1 | 3,
    data: data.subarray(i * size, (i + 1) * size),
  }));
}

/** The image of a tensor `[height, width, channels]`. */
export function faceOf({ shape, data }: Tensor<'u8'>): FaceImage {
  const [height = 0, width = 0, channels = 3] = shape;
  return { width, height, channels: channels as 1 | 3, data };
}

/**
 * A square image at another size, for places on the screen that are the same for all data sets. Smaller, a pixel is the mean
 * of those that it covers; larger, each pixel becomes several.
 *
 * @param side - width and height of the result; a whole multiple or a whole part of the image's
 * @returns the image itself where it has this size already
 */
export function faceOfSide(image: FaceImage, side: number): FaceImage {
  if (image.width === side && image.height === side) return image;
  const { width, channels } = image;
  const covered = Math.max(1, width / side);
  const repeated = Math.max(1, side / width);
  const data = new Uint8Array(side * side * channels);
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [left, top] = [Math.floor(x / repeated) * covered, Math.floor(y / repeated) * covered];
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let row = top; row < top + covered; row++) {
          for (let column = left; column < left + covered; column++) {
            sum += image.data[(row * width + column) * channels + channel]!;
          }
        }
        data[to++] = Math.round(sum / covered ** 2);
      }
    }
  }
  return { width: side, height: side, channels, data };
}

/** Writes an image's pixels as RGBA, from `at` on in `into`. */
export function writeRgba({ data, channels }: FaceImage, into: Uint8ClampedArray, at = 0): void {
  const pixels = data.length / channels;
  for (let i = 0; i < pixels; i++) {
    const from = i * channels;
    const to = at + i * 4;
    into[to] = data[from]!;
    into[to + 1] = data[channels === 3 ? from + 1 : from]!;
    into[to + 2] = data[channels === 3 ? from + 2 : from]!;
    into[to + 3] = 255;
  }
}

/** Paints an image onto a canvas of its own size. */
export function paintFace(canvas: HTMLCanvasElement, face: FaceImage): void {
  const { width, height } = face;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  const pixels = context.createImageData(width, height);
  writeRgba(face, pixels.data);
  context.putImageData(pixels, 0, 0);
}
