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
