import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { findDirection, type DirectionSource } from '../../../src/engine/directions/find-direction.ts';
import { dot, orthogonalTo, regressionNormal, scoresAlong } from '../../../src/engine/directions/normals.ts';
import { aucOf, r2Of } from '../../../src/engine/directions/quality.ts';
import type { TargetValues } from '../../../src/engine/directions/targets.ts';

const ROWS = 3000;
const LATENT_DIM = 4;
const random = createRandom(5, 'directions');
/** Two labels of which the second depends on the first, and a number; z0 tells the first, z1 the second, z2 the number. */
const first = Float32Array.from({ length: ROWS }, () => (random.uniform() < 0.4 ? 1 : 0));
const second = first.map((label) => (random.uniform() < (label ? 0.8 : 0.2) ? 1 : 0));
const number = first.map(() => random.normal());
const codes = new Float32Array(ROWS * LATENT_DIM);
for (let row = 0; row < ROWS; row++) {
  codes[row * LATENT_DIM] = 2 * first[row]! + random.normal();
  codes[row * LATENT_DIM + 1] = 2 * second[row]! + random.normal() + 5;
  codes[row * LATENT_DIM + 2] = 0.5 * number[row]! + 0.1 * random.normal();
  codes[row * LATENT_DIM + 3] = 0.001 * random.normal();
}
const all = Uint32Array.from({ length: ROWS }, (_, i) => i);
const target = (title: string, values: Float32Array, isNumber = false): TargetValues => ({
  ...{ title, isNumber, values },
  target: { column: title },
});
const [one, other] = [target('first', first), target('second', second)];

function source(changes: Partial<DirectionSource> = {}): DirectionSource {
  return {
    train: { codes, indices: all },
    latentDim: LATENT_DIM,
    active: [true, true, true, false],
    ...{ target: one, kind: 'classifier', against: [] },
    test: { codes, indices: all, target: changes.target ?? one },
    ...changes,
  };
}

describe('a direction', () => {
  it.each(['classifier', 'difference'] as const)(
    'of a yes or no tells it, and a step of it is one deviation: %s',
    (kind) => {
      const { normal, step, scores, quality, train } = findDirection(source({ kind }));
      expect(train).toBe(ROWS);
      expect(quality!.value).toBeGreaterThan(0.9);
      expect(quality!.low).toBeLessThan(quality!.value);
      expect(normal[3]).toBe(0);
      expect(dot(normal, step)).toBeCloseTo(scores.deviation, 6);
      // Parallel to the normal.
      normal.forEach((value, l) => expect(value * step[0]!).toBeCloseTo(step[l]! * normal[0]!, 6));
    },
  );

  it('of a classifier is the one of linear discriminants where codes are Gaussian of equal variance', () => {
    // w = Σ⁻¹(μ₁ − μ₀), of which only z0 differs given z1.
    const { normal } = findDirection(source());
    expect(normal[0]).toBeGreaterThan(1.7);
    expect(normal[0]).toBeLessThan(2.3);
  });

  it('leaves the scores of other labels as they are', () => {
    const male = findDirection(source({ target: other, test: undefined }));
    const plain = findDirection(source());
    const { step, normal } = findDirection(source({ against: [other] }));
    expect(Math.abs(dot(male.normal, plain.step))).toBeGreaterThan(0.1);
    expect(dot(male.normal, step)).toBeCloseTo(0, 8);
    expect(normal[0]).toBeGreaterThan(0);
  });

  it('at equal shares of another label does not carry that label’s difference', () => {
    const means = findDirection(source({ kind: 'difference' }));
    const matched = findDirection(source({ kind: 'difference', equal: other }));
    expect(means.normal[1]).toBeGreaterThan(1);
    expect(Math.abs(matched.normal[1]!)).toBeLessThan(0.2);
    expect(matched.normal[0]).toBeCloseTo(2, 0);
  });

  it('of a number is that of a linear regression', () => {
    const values = target('number', number, true);
    const { normal, quality } = findDirection(source({ target: values }));
    expect(quality).toMatchObject({ kind: 'r2' });
    expect(quality!.value).toBeGreaterThan(0.9);
    // Least squares of y = n·z has slope 0.5/(0.25 + 0.01) for z = 0.5 y + noise.
    expect(normal[2]).toBeCloseTo(0.5 / 0.26, 1);
    expect(Math.abs(normal[0]!)).toBeLessThan(0.05);
  });

  it('leaves out images whose label is not known', () => {
    const some = first.map((label, row) => (row % 3 === 0 ? Number.NaN : label));
    expect(findDirection(source({ target: target('first', some) })).train).toBe(2000);
  });

  it.each([
    [
      'a label with three images',
      {
        target: target(
          'rare',
          first.map((_, row) => (row < 3 ? 1 : 0)),
        ),
      },
      /3 have rare/,
    ],
    [
      'one side only',
      {
        target: target(
          'all',
          first.map(() => 1),
        ),
      },
      /0 do not/,
    ],
    [
      'the means of a number',
      { target: target('number', number, true), kind: 'difference' as const },
      /is a number/,
    ],
    ['a label against itself', { against: [one] }, /Nothing is left of first/],
    ['a number to match', { equal: target('number', number, true) }, /cannot be matched/],
  ])('is refused for %s', (_, changes, message) => {
    expect(() => findDirection(source(changes))).toThrow(message);
  });
});

describe('what tests a direction', () => {
  it('is the share of pairs in the right order, equal ones counting half', () => {
    const auc = (scores: number[], labels: number[]) => aucOf(Float64Array.from(scores), labels)?.value;
    expect(auc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(auc([1, 2, 3, 4], [0, 1, 0, 1])).toBe(0.75);
    expect(auc([1, 1, 1, 1], [0, 1, 0, 1])).toBe(0.5);
    expect(auc([1, 2], [1, 1])).toBeUndefined();
  });

  it('has the interval of Hanley and McNeil', () => {
    // Their example of 1982: an area of 0.893 with 51 and 58 cases has a standard error of 0.032.
    const labels = Array.from({ length: 109 }, (_, i) => (i < 51 ? 1 : 0));
    const scores = Float64Array.from(labels, (label) => label);
    expect(aucOf(scores, labels)).toMatchObject({ value: 1, low: 1, high: 1 });
    const noisy = createRandom(2, 'auc');
    const some = aucOf(
      Float64Array.from(labels, (label) => 1.75 * label + noisy.normal()),
      labels,
    )!;
    const [q1, q2] = [some.value / (2 - some.value), (2 * some.value ** 2) / (1 + some.value)];
    const variance =
      (some.value * (1 - some.value) + 50 * (q1 - some.value ** 2) + 57 * (q2 - some.value ** 2)) / (51 * 58);
    expect(some.high - some.value).toBeCloseTo(Math.min(1 - some.value, 1.96 * Math.sqrt(variance)), 4);
  });

  it('is the squared correlation of numbers, and nothing for the wrong way round', () => {
    const labels = [1, 2, 3, 4, 5];
    expect(r2Of(Float64Array.of(2, 4, 6, 8, 10), labels)!.value).toBeCloseTo(1, 9);
    expect(r2Of(Float64Array.of(5, 4, 3, 2, 1), labels)!.value).toBe(0);
    expect(r2Of(Float64Array.of(1, 1, 1, 1, 1), labels)).toBeNull();
  });
});

describe('normals', () => {
  it('are made orthogonal to others that are nearly parallel', () => {
    const others = [Float64Array.of(1, 0, 0, 0), Float64Array.of(1, 1e-6, 0, 0)];
    const result = orthogonalTo(Float64Array.of(1, 2, 3, 0), others);
    others.forEach((each) => expect(Math.abs(dot(result, each))).toBeLessThan(1e-12));
    expect([...result]).toEqual([0, 0, 3, 0]);
  });

  it('of a regression solve the penalised normal equations', () => {
    const weights = new Float64Array(ROWS).fill(1);
    const normal = regressionNormal({
      ...{ codes, latentDim: LATENT_DIM, labels: number, weights },
      active: [true, true, true, true],
    });
    const scores = scoresAlong(normal, codes);
    const residual = scores.map((score, row) => number[row]! - score);
    const mean = residual.reduce((sum, value) => sum + value, 0) / ROWS;
    // Residuals are nearly orthogonal to every dimension: the penalty of 1 is small beside 3,000 rows.
    for (let l = 0; l < 3; l++) {
      let sum = 0;
      for (let row = 0; row < ROWS; row++) sum += (residual[row]! - mean) * codes[row * LATENT_DIM + l]!;
      expect(Math.abs(sum) / ROWS).toBeLessThan(0.005);
    }
  });
});
