import { describe, expect, it } from 'vitest';
import { findCounterparts } from '../../../src/engine/codes/correlate.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';

const COUNT = 3000;

/** Codes whose columns are given by functions of three independent normal numbers. */
function codesOf(...columns: ((a: number, b: number, c: number) => number)[]) {
  const random = createRandom(5);
  const latentDim = columns.length;
  const mu = new Float32Array(COUNT * latentDim);
  for (let i = 0; i < COUNT; i++) {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    columns.forEach((column, l) => (mu[i * latentDim + l] = column(a, b, c)));
  }
  return { mu, latentDim };
}

describe('counterparts', () => {
  it('are the dimensions that go together most, whichever way they point, with their correlation', async () => {
    const codes = codesOf(
      (a) => a,
      (_, b) => 3 * b + 7,
    );
    const others = codesOf(
      (_a, _b, c) => c,
      (_, b) => -0.1 * b,
      (a, _, c) => (a + c) / 2,
    );
    const [first, second] = await findCounterparts(codes, others);
    expect(first!.dimension).toBe(2);
    // r of a and a + c, which share half of the variance.
    expect(first!.correlation).toBeCloseTo(Math.SQRT1_2, 1);
    expect(second!.dimension).toBe(1);
    expect(second!.correlation).toBeCloseTo(-1, 5);
    expect(second!.correlation).toBeGreaterThanOrEqual(-1);
  });

  it('of a dimension that does not vary there are none, nor among those that do not', async () => {
    const still = codesOf(
      () => 0.3,
      (a) => a,
    );
    expect(
      await findCounterparts(
        still,
        codesOf((a) => a),
      ),
    ).toEqual([null, { dimension: 0, correlation: expect.closeTo(1, 6) as number }]);
    expect(
      await findCounterparts(
        codesOf((a) => a),
        codesOf(() => -2),
      ),
    ).toEqual([null]);
  });
});
