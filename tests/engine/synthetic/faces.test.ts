import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawFace, FACE_FACTORS, faceFactors } from '../../../src/engine/synthetic/faces.ts';

const SEED = 20;
const SIZE = 64;
const BYTES = SIZE * SIZE * 3;
const names = FACE_FACTORS.map((factor) => factor.name);

/** A clean-shaven, smiling person without glasses, in whom every factor can be seen. */
const PERSON: readonly number[] = [0.55, 0.25, 0.3, 0.5, 0, 0.1, 0.3, 0.8, 0, 1, 0, 0, 0.4];

function rangeOf(factor: (typeof FACE_FACTORS)[number]): readonly [number, number] {
  return factor.type === 'binary' ? [0, 1] : factor.range;
}

function withFactor(factors: ArrayLike<number>, at: number, value: number): Float32Array {
  const changed = Float32Array.from(factors);
  changed[at] = value;
  return changed;
}

function greatestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((greatest, value, at) => Math.max(greatest, Math.abs(value - b[at]!)), 0);
}

function changedPixels(a: Uint8Array, b: Uint8Array, by: number): number {
  let count = 0;
  for (let at = 0; at < a.length; at += 3) {
    if (greatestDifference(a.subarray(at, at + 3), b.subarray(at, at + 3)) >= by) count++;
  }
  return count;
}

function pearson(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  const meanA = a.reduce((sum, value) => sum + value, 0) / n;
  const meanB = b.reduce((sum, value) => sum + value, 0) / n;
  let covariance = 0;
  let varianceA = 0;
  let varianceB = 0;
  for (let i = 0; i < n; i++) {
    covariance += (a[i]! - meanA) * (b[i]! - meanB);
    varianceA += (a[i]! - meanA) ** 2;
    varianceB += (b[i]! - meanB) ** 2;
  }
  return covariance / Math.sqrt(varianceA * varianceB);
}

describe('factors of the sample faces', () => {
  const columns = FACE_FACTORS.map(() => new Float64Array(2000));
  for (let index = 0; index < 2000; index++) {
    faceFactors(SEED, index).forEach((value, at) => (columns[at]![index] = value));
  }

  it('are the same whichever face is asked for first', () => {
    const late = faceFactors(SEED, 123_456);
    faceFactors(SEED, 0);
    expect(faceFactors(SEED, 123_456)).toEqual(late);
    expect(faceFactors(SEED, 123_457)).not.toEqual(late);
    expect(faceFactors(SEED + 1, 123_456)).not.toEqual(late);
  });

  it.each(names)('cover their range evenly: %s', (name) => {
    const at = names.indexOf(name);
    const factor = FACE_FACTORS[at]!;
    const [low, high] = rangeOf(factor);
    const quarters = [0, 0, 0, 0];
    for (const value of columns[at]!) {
      quarters[Math.min(3, Math.floor((4 * (value - low)) / (high - low)))]!++;
    }
    expect(Math.min(...columns[at]!)).toBeGreaterThanOrEqual(Math.fround(low));
    expect(Math.max(...columns[at]!)).toBeLessThanOrEqual(Math.fround(high));
    // Five standard deviations of a binomial count.
    const expected = factor.type === 'binary' ? [1000, 0, 0, 1000] : [500, 500, 500, 500];
    quarters.forEach((count, i) => expect(Math.abs(count - expected[i]!)).toBeLessThan(112));
  });

  it('are uncorrelated, also as distances from the middle', () => {
    const folded = columns.map((column, at) => {
      const [low, high] = rangeOf(FACE_FACTORS[at]!);
      return column.map((value) => Math.abs(value - (low + high) / 2));
    });
    for (let a = 0; a < columns.length; a++) {
      for (let b = 0; b < a; b++) {
        expect(Math.abs(pearson(columns[a]!, columns[b]!)), `${names[a]}, ${names[b]}`).toBeLessThan(0.1);
        if (FACE_FACTORS[a]!.type === 'binary' || FACE_FACTORS[b]!.type === 'binary') continue;
        expect(Math.abs(pearson(folded[a]!, folded[b]!)), `${names[a]}, ${names[b]}`).toBeLessThan(0.1);
      }
    }
  });
});

describe('drawn faces', () => {
  it('are the same bytes on every platform', () => {
    const hash = createHash('sha256');
    for (const index of [0, 1, 2, 3, 1000, 202_598]) hash.update(drawFace(faceFactors(SEED, index), SIZE));
    hash.update(drawFace(faceFactors(SEED, 5), 256));
    expect(hash.digest('hex')).toBe('e23213f09178c1c90ca77a0b1202feba0e033fc01eb9ef54a44cf20b67f2fa22');
  });

  it('do not depend on what was drawn before, and fill the array given', () => {
    const factors = faceFactors(SEED, 9);
    const first = drawFace(factors, SIZE);
    drawFace(faceFactors(SEED, 10), SIZE);
    drawFace(faceFactors(SEED, 11), 32);
    const into = new Uint8Array(BYTES).fill(7);
    expect(drawFace(factors, SIZE, into)).toBe(into);
    expect(into).toEqual(first);
    expect(first).toHaveLength(BYTES);
  });

  it.each(names)('show the factor: %s', (name) => {
    const at = names.indexOf(name);
    const [low, high] = rangeOf(FACE_FACTORS[at]!);
    const a = drawFace(withFactor(PERSON, at, low), SIZE);
    const b = drawFace(withFactor(PERSON, at, high), SIZE);
    expect(changedPixels(a, b, 32)).toBeGreaterThan(60);
  });

  it.each(names.filter((_, at) => FACE_FACTORS[at]!.type === 'continuous'))(
    'change without a jump along: %s',
    (name) => {
      const at = names.indexOf(name);
      const [low, high] = rangeOf(FACE_FACTORS[at]!);
      for (const person of [PERSON, faceFactors(SEED, 3)]) {
        const changes = (from: number, to: number, steps: number) => {
          const pictures = Array.from({ length: steps + 1 }, (_, step) =>
            drawFace(withFactor(person, at, from + ((to - from) * step) / steps), SIZE),
          );
          return pictures.slice(1).map((picture, step) => greatestDifference(pictures[step]!, picture));
        };
        const steps = 120;
        const width = (high - low) / steps;
        changes(low, high, steps).forEach((change, step) => {
          expect(change, `step ${step}`).toBeLessThan(96);
          if (change < 16) return;
          // A fast change shrinks with the step; a jump would stay whole in one of the parts.
          const parts = changes(low + step * width, low + (step + 1) * width, 8);
          expect(Math.max(...parts), `step ${step}`).toBeLessThan(change / 2 + 1);
        });
      }
    },
  );

  it('hide the eyes behind sunglasses', () => {
    const glasses = withFactor(PERSON, names.indexOf('sunglasses'), 1);
    const open = drawFace(withFactor(glasses, names.indexOf('eyes open'), 1), SIZE);
    const shut = drawFace(withFactor(glasses, names.indexOf('eyes open'), 0), SIZE);
    // The lenses' rows: below them nothing of the eyes shows, above them the brows move.
    const rows = (picture: Uint8Array) => picture.subarray(27 * SIZE * 3, 50 * SIZE * 3);
    expect(greatestDifference(rows(open), rows(shut))).toBe(0);
  });

  it('are the same portrait at 256 as at 64 pixels', () => {
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const factors = faceFactors(SEED, index);
      const small = drawFace(factors, SIZE);
      const large = drawFace(factors, 4 * SIZE);
      let error = 0;
      for (let y = 0; y < SIZE; y++) {
        for (let x = 0; x < SIZE; x++) {
          for (let channel = 0; channel < 3; channel++) {
            let sum = 0;
            for (let i = 0; i < 16; i++) {
              sum += large[((4 * y + (i >> 2)) * 4 * SIZE + 4 * x + (i & 3)) * 3 + channel]!;
            }
            error += Math.abs(sum / 16 - small[(y * SIZE + x) * 3 + channel]!);
          }
        }
      }
      expect(error / BYTES).toBeLessThan(1.5);
    }
  });
});
