import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { ranksOf } from '../../../src/engine/metrics/ranks.ts';
import { measureUdr, relativeStrength, type ModelCodes } from '../../../src/engine/metrics/udr.ts';

const pause = (): Promise<void> => Promise.resolve();
const GoldenSchema = v.object({ scores: v.array(v.number()) });
const golden = v.parse(
  v.object({ spearman: GoldenSchema, lasso: GoldenSchema }),
  JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/metrics/udr.json'), 'utf8')),
);

/** Codes of rows of factors. */
function model(
  rows: readonly (readonly number[])[],
  encode: (values: readonly number[]) => readonly number[],
  active?: readonly boolean[],
): ModelCodes {
  const codes = rows.map(encode);
  const latentDim = codes[0]!.length;
  return {
    codes: Float32Array.from(codes.flat()),
    latentDim,
    active: active ?? codes[0]!.map(() => true),
  };
}

/** The factors of `make_udr.py`. */
const waves = Array.from({ length: 400 }, (_, row) =>
  [1, 1.7, 2.9, 0.37].map((rate, f) => Math.sin(row * rate + f)),
);
const random = createRandom(2);
const noise = Array.from({ length: 4000 }, () => [random.normal(), random.normal(), random.normal()]);

describe('UDR', () => {
  it("is disentanglement_lib's, by ranks and by the lasso", async () => {
    const models = [
      model(waves, ([a, b, c, d]) => [a!, 2 * b!, c! ** 3, 0.01 * d!], [true, true, true, false]),
      model(waves, ([a, b, c, d]) => [-b!, c! + 0.3 * a!, a! + 0.1 * d!, d!]),
      model(waves, ([a, b, c, d]) => [a! + b!, a! - b!, 0.02 * d!, c!], [true, true, false, true]),
    ];
    const { spearman, lasso } = await measureUdr(models, pause);
    spearman.forEach((value, i) => expect(value).toBeCloseTo(golden.spearman.scores[i]!, 5));
    lasso.forEach((value, i) => expect(value).toBeCloseTo(golden.lasso.scores[i]!, 3));
  });

  it('is nearly 1 for models with the same dimensions in another order, scale and sign, and each is stable', async () => {
    const models = [
      model(noise, (values) => values),
      model(noise, ([a, b, c]) => [-c!, 3 * a!, b! ** 3]),
      model(noise, ([a, b, c]) => [b!, c!, 0.1 * a!]),
    ];
    const { spearman, stability } = await measureUdr(models, pause);
    // Correlations by chance are about 1/√4000 each.
    for (const value of spearman) expect(value).toBeGreaterThan(0.95);
    expect(stability.flat().every((one) => one !== null && one > 0.999)).toBe(true);
  });

  it('is low for rotated models, and tells which dimension is stable', async () => {
    const turned = (angle: number): ModelCodes =>
      model(noise, ([a, b, c]) => [
        Math.cos(angle) * a! + Math.sin(angle) * b!,
        Math.cos(angle) * b! - Math.sin(angle) * a!,
        c!,
      ]);
    const { spearman, stability } = await measureUdr([turned(0), turned(Math.PI / 4)], pause);
    expect(spearman[0]).toBeLessThan(0.7);
    expect(stability[0]![2]).toBeGreaterThan(0.999);
    // cos 45°, as ranks of Gaussians correlate: 6/π · asin(ρ/2).
    expect(stability[0]![0]).toBeCloseTo((6 / Math.PI) * Math.asin(Math.SQRT1_2 / 2), 1);
  });

  it('leaves out inactive dimensions, and is 0 where a model has no active one', async () => {
    const empty = model(noise, (values) => values, [false, false, false]);
    const { spearman, lasso, stability } = await measureUdr([model(noise, (values) => values), empty], pause);
    expect([...spearman, ...lasso]).toEqual([0, 0, 0, 0]);
    expect(stability).toEqual([
      [0, 0, 0],
      [null, null, null],
    ]);
  });

  it('has the strength of a matrix by hand', () => {
    // Columns: 1²/1.5 and 0.5²/0.5; rows: 1²/1 and 0.5²/1.
    const values = Float64Array.of(1, 0, 0.5, 0.5);
    expect(relativeStrength({ rows: 2, columns: 2, values })).toBeCloseTo(
      ((1 / 1.5 + 0.5) / 2 + (1 + 0.25) / 2) / 2,
      12,
    );
  });

  it('gives equal values the mean of their ranks', () => {
    expect([...ranksOf([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
  });
});
