import { expect, it } from 'vitest';
import { measurePsnr } from '../../../src/engine/metrics/psnr.ts';

it('is 10·log₁₀(1/MSE) of each picture, averaged over pictures', () => {
  const images = new Uint8Array(8).fill(102);
  // Every value of the first picture is 0.1 away, of the second 0.01: 20 and 40 dB.
  const near = Float32Array.from({ length: 8 }, (_, i) => 0.4 + (i < 4 ? 0.1 : 0.01));
  const { value, low, high } = measurePsnr(images, near, 2);
  expect(value).toBeCloseTo(30, 4);
  expect(low).toBeCloseTo(20, 4);
  expect(high).toBeCloseTo(40, 4);
});

it('counts what is shown: values outside [0, 1] are clamped', () => {
  const images = new Uint8Array(4).fill(255);
  const shown = measurePsnr(images, Float32Array.of(1.5, 9, 1, 0.8), 1).value;
  expect(shown).toBeCloseTo(10 * Math.log10(4 / 0.04), 4);
});

it('is a number for a perfect reconstruction', () => {
  expect(measurePsnr(new Uint8Array(4).fill(255), new Float32Array(4).fill(1), 1).value).toBeCloseTo(
    58.92,
    2,
  );
});
