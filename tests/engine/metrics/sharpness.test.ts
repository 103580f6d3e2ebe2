import { describe, expect, it } from 'vitest';
import { laplacianVariance, measureSharpness } from '../../../src/engine/metrics/sharpness.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';

const size = 8;
const picture = (grey: (x: number, y: number) => number, channels: 1 | 3 = 1): Float32Array =>
  Float32Array.from({ length: size * size * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return grey(pixel % size, Math.floor(pixel / size));
  });

describe('the variance of the Laplacian', () => {
  it('is nothing where nothing is, or only a slope', () => {
    expect(
      laplacianVariance(
        picture(() => 0.7),
        size,
        1,
      ),
    ).toBeCloseTo(0, 8);
    expect(
      laplacianVariance(
        picture((x, y) => 0.1 * x + 0.02 * y),
        size,
        1,
      ),
    ).toBeCloseTo(0, 6);
  });

  it('is that of ±4 times 255 on a chequerboard', () => {
    const chequers = picture((x, y) => (x + y) % 2);
    expect(laplacianVariance(chequers, size, 1)).toBeCloseTo((4 * 255) ** 2, 0);
  });

  it('is that of one lit pixel, counted by hand', () => {
    // −4 at it, 1 at its four neighbours; of 36 inner pixels. Their sum is 0.
    const lit = picture((x, y) => (x === 3 && y === 4 ? 1 : 0));
    expect(laplacianVariance(lit, size, 1)).toBeCloseTo((255 ** 2 * 20) / 36, 1);
  });

  it('goes by the luma of colours', () => {
    const chequers = (x: number, y: number): number => (x + y) % 2;
    expect(laplacianVariance(picture(chequers, 3), size, 3)).toBeCloseTo(
      laplacianVariance(picture(chequers), size, 1),
      0,
    );
  });

  it('falls when a picture is blurred', () => {
    const random = createRandom(1);
    const sharp = picture(() => random.uniform());
    const at = (x: number, y: number): number =>
      sharp[Math.min(size - 1, Math.max(0, y)) * size + Math.min(size - 1, Math.max(0, x))]!;
    const blurred = picture((x, y) => {
      let sum = 0;
      for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) sum += at(x + dx, y + dy);
      return sum / 9;
    });
    expect(laplacianVariance(blurred, size, 1)).toBeLessThan(0.1 * laplacianVariance(sharp, size, 1));
  });
});

describe('the sharpness of pictures', () => {
  /** Pictures of noise, each of another strength. */
  function somePictures(count: number, seed: number): Float32Array {
    const random = createRandom(seed);
    const pictures = new Float32Array(count * size * size);
    for (let i = 0; i < count; i++) {
      const strength = random.uniform();
      const start = i * size * size;
      for (let k = 0; k < size * size; k++) pictures[start + k] = strength * random.uniform();
    }
    return pictures;
  }

  it('is their mean, inside an interval that is the narrower the more they are', () => {
    const pictures = somePictures(400, 2);
    const all = measureSharpness(pictures, 400, size, 1);
    let mean = 0;
    for (let i = 0; i < 400; i++) {
      mean += laplacianVariance(pictures.subarray(i * 64, (i + 1) * 64), size, 1) / 400;
    }
    expect(all.value).toBeCloseTo(mean, 6);
    expect(all.images).toBe(400);
    const few = measureSharpness(pictures, 25, size, 1);
    for (const { value, low, high } of [all, few]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    expect(all.high - all.low).toBeLessThan(0.5 * (few.high - few.low));
  });

  it('has an interval that holds the true mean 19 times of 20', () => {
    const truth = measureSharpness(somePictures(20_000, 5), 20_000, size, 1).value;
    let held = 0;
    for (let seed = 100; seed < 200; seed++) {
      const { low, high } = measureSharpness(somePictures(60, seed), 60, size, 1);
      if (low <= truth && truth <= high) held += 1;
    }
    expect(held).toBeGreaterThanOrEqual(88);
    expect(held).toBeLessThanOrEqual(99);
  });
});
