import { describe, expect, it } from 'vitest';
import type { ColumnValues } from '../../../src/engine/data/columns.ts';
import { affordableImages, measurePosteriorMig } from '../../../src/engine/evaluation/posterior-mig.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';

/** Images of two independent factors of four values, each with a dimension of its own, and a third at the prior. */
function someImages(count: number): { columns: ColumnValues[]; mu: Float32Array; logVar: Float32Array } {
  const random = createRandom(7);
  const values = [0, 1].map(() => Float32Array.from({ length: count }, () => random.integer(4)));
  const mu = Float32Array.from({ length: count * 3 }, (_, i) => {
    const own = values[i % 3]?.[Math.floor(i / 3)];
    return own === undefined ? 0 : own - 1.5;
  });
  const logVar = Float32Array.from({ length: count * 3 }, (_, i) => (i % 3 === 2 ? 0 : -8));
  const columns = values.map((column, f) => ({
    column: {
      name: `factor ${f}`,
      type: 'categorical' as const,
      factor: true,
      categories: ['a', 'b', 'c', 'd'],
    },
    values: column,
  }));
  return { columns, mu, logVar };
}

describe('measurePosteriorMig', () => {
  it('is 1 where every factor has a dimension of its own', () => {
    const { columns, mu, logVar } = someImages(600);
    const found = measurePosteriorMig({ mu, logVar }, 3, columns, 0);
    expect(found!.images).toBe(600);
    expect(found!.value).toBeGreaterThan(0.98);
    expect(found!.value).toBeLessThanOrEqual(1.01);
  });

  it('is 0 where two dimensions say the same', () => {
    const { columns, mu, logVar } = someImages(600);
    const doubled = mu.map((_, i) => (i % 3 === 2 ? 0 : mu[i - (i % 3)]!));
    expect(measurePosteriorMig({ mu: doubled, logVar }, 3, columns, 0)!.value).toBeLessThan(0.02);
  });

  it('takes as many images as some seconds are enough for, and counts columns that never change for none', () => {
    const most = affordableImages(400, [{ size: 4 }, { size: 4 }]);
    expect(most).toBe(Math.floor(Math.sqrt(6e9 / 600)));
    const { columns, mu, logVar } = someImages(50);
    const same = { ...columns[0]!, values: new Float32Array(50) };
    expect(measurePosteriorMig({ mu, logVar }, 3, [same], 0)).toBeUndefined();
    expect(measurePosteriorMig({ mu, logVar }, 3, [], 0)).toBeUndefined();
  });
});
