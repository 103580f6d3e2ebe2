import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { componentsOf, directionOf, fastIca } from '../../../src/engine/axes/fast-ica.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { readSafetensors } from '../../../src/engine/files/safetensors.ts';

/** Independent sources of unit variance that are not Gaussian, `[rows, count]`. */
function sources(rows: number, count: number): Float64Array {
  const random = createRandom(7);
  return Float64Array.from({ length: rows * count }, (_, at) =>
    (at % count) % 2 === 0
      ? Math.sqrt(12) * (random.uniform() - 0.5)
      : (random.uniform() < 0.5 ? -1 : 1) * -Math.log(1 - random.uniform()) * Math.SQRT1_2,
  );
}

/** Codes = sources · mixingᵀ + 2, `[rows, count]`. */
function mixed(own: Float64Array, count: number, mixing: Float64Array): Float32Array {
  return Float32Array.from(own, (_, at) => {
    const [row, l] = [Math.floor(at / count), at % count];
    let sum = 2;
    for (let k = 0; k < count; k++) sum += mixing[l * count + k]! * own[row * count + k]!;
    return sum;
  });
}

function correlation(a: (row: number) => number, b: (row: number) => number, rows: number): number {
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const [p, q] = [a(row), b(row)];
    [x, y, xx, yy, xy] = [x + p, y + q, xx + p * p, yy + q * q, xy + p * q];
  }
  return (xy - (x * y) / rows) / Math.sqrt((xx - (x * x) / rows) * (yy - (y * y) / rows));
}

describe('FastICA', () => {
  it("has scikit-learn's axes, up to sign and order", async () => {
    const { tensors } = await readSafetensors(
      join(import.meta.dirname, '../../golden/metrics/axes.safetensors'),
    );
    const codes = Float32Array.from(tensors.get('codes')!.data);
    const [unmixing, mixing] = [tensors.get('unmixing')!.data, tensors.get('mixing')!.data];
    const found = await fastIca(codes, 4, { seed: 1 });
    expect(found).toMatchObject({ count: 4, hasConverged: true });
    const taken = new Set<number>();
    for (let k = 0; k < 4; k++) {
      const own = [...found.unmixing.subarray(4 * k, 4 * k + 4)];
      const apart = (j: number, sign: number): number =>
        Math.max(...own.map((value, l) => Math.abs(value - sign * unmixing[4 * j + l]!)));
      const matches = [0, 1, 2, 3].flatMap((j) =>
        [1, -1].map((sign) => ({ j, sign, apart: apart(j, sign) })),
      );
      const best = matches.reduce((a, b) => (b.apart < a.apart ? b : a));
      expect(best.apart).toBeLessThan(1e-4);
      taken.add(best.j);
      directionOf(found, k).forEach((value, l) => {
        expect(value).toBeCloseTo(best.sign * mixing[4 * l + best.j]!, 3);
      });
    }
    expect(taken.size).toBe(4);
  });

  describe('of mixed sources', () => {
    const [rows, count] = [30_000, 5];
    const own = sources(rows, count);
    const random = createRandom(9);
    const mixing = Float64Array.from({ length: count * count }, () => random.normal());
    const codes = mixed(own, count, mixing);
    let found: Awaited<ReturnType<typeof fastIca>>;
    let components: Float32Array;
    beforeAll(async () => {
      found = await fastIca(codes, count, { seed: 0 });
      components = componentsOf(found, codes);
    });

    it('finds each source, with unit variance', () => {
      expect(found.hasConverged).toBe(true);
      const best = Array.from({ length: count }, (_, k) =>
        Math.max(
          ...Array.from({ length: count }, (__, s) =>
            Math.abs(
              correlation(
                (row) => components[row * count + k]!,
                (row) => own[row * count + s]!,
                rows,
              ),
            ),
          ),
        ),
      );
      expect(Math.min(...best)).toBeGreaterThan(0.999);
      for (let k = 0; k < count; k++) {
        let [sum, squares] = [0, 0];
        for (let row = 0; row < rows; row++) {
          sum += components[row * count + k]!;
          squares += components[row * count + k]! ** 2;
        }
        expect(sum / rows).toBeCloseTo(0, 4);
        expect(squares / rows).toBeCloseTo(1, 4);
      }
    });

    it('gives the codes back by its mixing', () => {
      for (const row of [0, 17, rows - 1]) {
        for (let l = 0; l < count; l++) {
          let value = found.mean[l]!;
          for (let k = 0; k < count; k++)
            value += found.mixing[l * count + k]! * components[row * count + k]!;
          expect(value).toBeCloseTo(codes[row * count + l]!, 4);
        }
      }
    });

    it('sorts axes by their part of the variance, and makes the largest effect of each positive', () => {
      const directions = Array.from({ length: count }, (_, k) => directionOf(found, k));
      const variances = directions.map((one) => one.reduce((sum, value) => sum + value * value, 0));
      expect(variances).toEqual(variances.toSorted((a, b) => b - a));
      for (const one of directions) {
        expect(Math.max(...one)).toBe(Math.max(...one.map(Math.abs)));
      }
    });

    it('gives the same for the same seed', async () => {
      expect(await fastIca(codes, count, { seed: 0 })).toEqual(found);
    });
  });

  it('leaves out dimensions that are not used, and directions without variance', async () => {
    const own = sources(3000, 2);
    // Dimension 1 is noise and not used; dimension 3 is a sum of two others.
    const random = createRandom(1);
    const codes = Float32Array.from({ length: 3000 * 4 }, (_, at) => {
      const [a, b] = [own[2 * Math.floor(at / 4)]!, own[2 * Math.floor(at / 4) + 1]!];
      return [a, random.normal(), b, a + b][at % 4]!;
    });
    const found = await fastIca(codes, 4, { seed: 0, used: [0, 2, 3] });
    expect(found.count).toBe(2);
    for (let k = 0; k < 2; k++) {
      expect(Math.abs(found.unmixing[4 * k + 1]!)).toBe(0);
      expect(Math.abs(directionOf(found, k)[1]!)).toBe(0);
    }
  });

  it('gives Gaussian codes, in which no direction is better than another, uncorrelated axes all the same', async () => {
    const random = createRandom(3);
    const codes = Float32Array.from({ length: 3 * 5000 }, () => random.normal());
    const found = await fastIca(codes, 3, { seed: 0 });
    const components = componentsOf(found, codes);
    for (const [j, k] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const of = (axis: number) => (row: number) => components[row * 3 + axis]!;
      expect(Math.abs(correlation(of(j), of(k), 5000))).toBeLessThan(1e-4);
    }
  });

  it('ends with the reason of its signal', async () => {
    const reason = new Error('stopped');
    const codes = Float32Array.from(sources(500, 2));
    await expect(fastIca(codes, 2, { seed: 0, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
