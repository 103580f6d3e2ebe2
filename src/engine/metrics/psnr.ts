import { meanWithInterval, type Sharpness } from './sharpness.ts';

/** The error of rounding to bytes, below which an error of bytes has no meaning: a PSNR of 58.9 dB. */
const LEAST_ERROR = 1 / (12 * 255 * 255);

/**
 * Peak signal-to-noise ratio of reconstructions, dB: 10 · log₁₀(1 / MSE) of each picture, whose values go up to 1, and
 * the mean over pictures with a bootstrap interval.
 *
 * @param images - `[count, …]`, bytes
 * @param reconstructions - the same shape, in [0, 1]; values outside are clamped, as they are when they are shown
 */
export function measurePsnr(images: Uint8Array, reconstructions: Float32Array, count: number): Sharpness {
  const numbers = images.length / count;
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let at = i * numbers; at < (i + 1) * numbers; at++) {
      const shown = Math.min(1, Math.max(0, reconstructions[at]!));
      sum += (shown - images[at]! / 255) ** 2;
    }
    values[i] = -10 * Math.log10(Math.max(sum / numbers, LEAST_ERROR));
  }
  return meanWithInterval(values);
}
