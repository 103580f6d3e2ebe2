import { describe, expect, it } from 'vitest';
import { chooseFeatures, resolveFeatures } from '../../../src/engine/figures/choose-features.ts';
import type { RunCodes } from '../../../src/engine/figures/run-codes.ts';
import { makeFactor, type Factor } from '../../../src/engine/metrics/factor.ts';
import { Sample } from '../../../src/engine/metrics/sample.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { labelColumn } from '../metrics/tables.ts';

const ROWS = 3000;
const random = createRandom(3);
const bald = Array.from({ length: ROWS }, () => (random.uniform() < 0.5 ? 1 : 0));
const smiling = Array.from({ length: ROWS }, () => (random.uniform() < 0.5 ? 1 : 0));
/** Nearly the same as bald. */
const hairless = bald.map((value) => (random.uniform() < 0.05 ? 1 - value : value));
const noise = Array.from({ length: ROWS }, () => (random.uniform() < 0.5 ? 1 : 0));
const factors = [
  labelColumn('Noise', noise),
  labelColumn('Hairless', hairless),
  labelColumn('Bald', bald),
  labelColumn('Is_Smiling', smiling),
].map((column) => makeFactor(column) as Factor);

/** Codes of four dimensions: a number for each that says how it depends on a label. */
function codesOf(encode: (row: number) => number[], kl: readonly number[] | null = [1, 1, 1, 1]): RunCodes {
  const codes = Float32Array.from({ length: ROWS }, (_, row) => row).reduce<number[]>((all, row) => {
    all.push(...encode(row));
    return all;
  }, []);
  return { sample: new Sample(Float32Array.from(codes), 4, factors), deviations: [1, 2, 3, 4], kl };
}

const normal = (): number => random.normal();
/** Bald in z1, rising; smiling in z2, falling. */
const first = codesOf((row) => [normal(), 3 * bald[row]! + normal(), normal() - 2 * smiling[row]!, normal()]);
/** An AE: bald in z3, falling; smiling in z0, rising. */
const second = codesOf(
  (row) => [2 * smiling[row]! + normal(), normal(), normal(), normal() - 3 * bald[row]!],
  null,
);

describe('features chosen by themselves', () => {
  const features = chooseFeatures([first, second], 5);

  it('are the labels carried best, without those that the same dimensions show and those that none carries', () => {
    expect(features.map(({ name }) => name)).toEqual(['Bald', 'Is_Smiling']);
  });

  it('take of each model the dimension that carries the label best, turned so that the label rises', () => {
    expect(features[0]!.cells).toMatchObject([
      { dimension: 1, isReversed: false },
      { dimension: 3, isReversed: true },
    ]);
    expect(features[1]!.cells).toMatchObject([
      { dimension: 2, isReversed: true },
      { dimension: 0, isReversed: false },
    ]);
  });

  it('say how much is carried, and move an AE by what its codes vary', () => {
    const [one, other] = features[0]!.cells;
    expect(one!.bits).toBeGreaterThan(0.5);
    expect(one!.unit).toBe(1);
    expect(other!.unit).toBe(4);
  });

  it('are no more than asked for', () => {
    expect(chooseFeatures([first, second], 1)).toHaveLength(1);
  });
});

describe('features that a person names', () => {
  const byHand = (entries: [number, { dimension: number; isReversed: boolean }][]) => new Map(entries);

  it('find their label whatever its case and underscores, and choose the dimensions', () => {
    const [feature] = resolveFeatures([first, second], [{ name: 'is smiling', dimensions: new Map() }]);
    expect(feature).toMatchObject({ name: 'Is_Smiling', cells: [{ dimension: 2 }, { dimension: 0 }] });
  });

  it('keep the dimensions that are given, and choose the others', () => {
    const given = byHand([[0, { dimension: 3, isReversed: true }]]);
    const [feature] = resolveFeatures([first, second], [{ name: 'Bald', dimensions: given }]);
    expect(feature!.cells).toMatchObject([
      { dimension: 3, isReversed: true, bits: 0 },
      { dimension: 3, isReversed: true },
    ]);
  });

  it('may be no label where every dimension is given', () => {
    const given = byHand([
      [0, { dimension: 0, isReversed: false }],
      [1, { dimension: 1, isReversed: false }],
    ]);
    const [feature] = resolveFeatures([first, second], [{ name: 'Background', dimensions: given }]);
    expect(feature).toMatchObject({ name: 'Background', cells: [{ bits: null }, { bits: null, unit: 2 }] });
  });

  it('complain of a label that is not there, and of a dimension', () => {
    expect(() => resolveFeatures([first], [{ name: 'Bold', dimensions: new Map() }])).toThrow(
      /no label or factor Bold/,
    );
    const given = byHand([[0, { dimension: 4, isReversed: false }]]);
    expect(() => resolveFeatures([first], [{ name: 'Bald', dimensions: given }])).toThrow(/no dimension z4/);
  });
});
