import { createRandom } from '../basics/random.ts';

/** The mean of a value of pictures, such as their sharpness, with its 95 % interval. */
export interface Sharpness {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Number of pictures. */
  readonly images: number;
}

const RESAMPLES = 1000;
const LUMA = [0.299, 0.587, 0.114] as const;

/** The grey value of every pixel, 0 … 255. */
function greyOf(picture: Float32Array, channels: 1 | 3): Float64Array {
  const grey = new Float64Array(picture.length / channels);
  for (let i = 0; i < grey.length; i++) {
    grey[i] =
      channels === 1
        ? 255 * picture[i]!
        : 255 * (LUMA[0] * picture[3 * i]! + LUMA[1] * picture[3 * i + 1]! + LUMA[2] * picture[3 * i + 2]!);
  }
  return grey;
}

/**
 * The variance of a picture's Laplacian, a common measure of sharpness (Pech-Pacheco et al. 2000), with the kernel
 * 0 1 0 / 1 −4 1 / 0 1 0 on grey values from 0 to 255. It is 0 for a picture without edges. It does not distinguish
 * edges from noise, so the pictures should be viewed too.
 *
 * @param picture - `[size, size, channels]` in [0, 1]
 */
export function laplacianVariance(picture: Float32Array, size: number, channels: 1 | 3): number {
  const grey = greyOf(picture, channels);
  let [sum, squares] = [0, 0];
  for (let y = 1; y < size - 1; y++) {
    for (let x = 1; x < size - 1; x++) {
      const at = y * size + x;
      const around = grey[at - 1]! + grey[at + 1]! + grey[at - size]! + grey[at + size]!;
      const laplacian = around - 4 * grey[at]!;
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  const count = (size - 2) ** 2;
  return squares / count - (sum / count) ** 2;
}

/**
 * Mean Laplacian variance of pictures, with a bootstrap interval over the pictures.
 *
 * @param pictures - `[count, size, size, channels]` in [0, 1]
 */
export function measureSharpness(
  pictures: Float32Array,
  count: number,
  size: number,
  channels: 1 | 3,
): Sharpness {
  const numbers = size * size * channels;
  const values = Float64Array.from({ length: count }, (_, i) =>
    laplacianVariance(pictures.subarray(i * numbers, (i + 1) * numbers), size, channels),
  );
  return meanWithInterval(values);
}

/** The mean of a value of each picture, with a bootstrap interval over the pictures. */
export function meanWithInterval(values: Float64Array): Sharpness {
  const count = values.length;
  const random = createRandom(0, 'sharpness', count);
  const means = new Float64Array(RESAMPLES).map(() => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[random.integer(count)]!;
    return sum / count;
  });
  means.sort();
  return {
    value: values.reduce((sum, value) => sum + value, 0) / count,
    low: means[Math.floor(0.025 * RESAMPLES)]!,
    high: means[Math.ceil(0.975 * RESAMPLES) - 1]!,
    images: count,
  };
}
