import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Feature } from '../../../../../src/contract/figures.ts';
import type { CarriedLabels } from '../../../../../src/contract/operations/measure.ts';
import { chooseFeatures } from '../../../../../src/engine/figures/choose-features.ts';
import type { RunCodes } from '../../../../../src/engine/figures/run-codes.ts';
import { makeFactor, type Factor } from '../../../../../src/engine/metrics/factor.ts';
import { Sample } from '../../../../../src/engine/metrics/sample.ts';
import {
  bestOf,
  byStrength,
  chooseLabels,
  movedCode,
  stripCodes,
  offsets,
} from '../../../../../src/renderer/views/compare/state/features.ts';

/** Codes of three dimensions with noise of their own, about four labels. */
function someCodes(seed: number): RunCodes {
  const count = 400;
  let state = seed;
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const labels = ['a', 'b', 'c', 'd'].map((name) => ({
    column: { name, type: 'binary' as const, factor: false },
    values: Float32Array.from({ length: count }, () => Math.round(random())),
  }));
  const codes = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let l = 0; l < 3; l++) codes[i * 3 + l] = (labels[l]!.values[i] ?? 0) + 2 * random();
    codes[i * 3] = codes[i * 3]! + labels[3]!.values[i]! * 0.8;
  }
  const factors = labels.map(makeFactor) as Factor[];
  return { sample: new Sample(codes, 3, factors), deviations: [1, 1, 1], kl: [1, 1, 1] };
}

function carriedBy({ sample }: RunCodes): CarriedLabels {
  const { factors, information, latentDim } = sample;
  return {
    columns: factors.map(({ name }) => name),
    dimensions: factors.map((_, f) =>
      Array.from({ length: latentDim }, (_own, dimension) => ({
        dimension,
        unit: 1,
        isReversed: false,
        bits: information.beyondChance[dimension * factors.length + f]! / Math.LN2,
      })),
    ),
  };
}

describe('the rows that go without saying', () => {
  it('are those of the figures', () => {
    for (const seed of [3, 7, 21, 99]) {
      const models = [someCodes(seed), someCodes(seed + 1)];
      const names = (features: readonly Feature[]): string[] => features.map(({ name }) => name);
      for (const most of [1, 3, 5]) {
        expect(chooseLabels(models.map(carriedBy), most)).toEqual(names(chooseFeatures(models, most)));
      }
    }
  });

  it('are none where nothing is carried', () => {
    expect(chooseLabels([], 3)).toEqual([]);
    const none = { dimension: 0, unit: 1, isReversed: false, bits: 0 };
    expect(chooseLabels([{ columns: ['a'], dimensions: [[none]] }], 3)).toEqual([]);
    expect(bestOf([])).toBeUndefined();
  });
});

describe('a dimension that is moved', () => {
  it('moves by deviations, the other way where it falls as the label rises', () => {
    const mu = Float32Array.of(1, 2);
    const rising = { dimension: 1, unit: 0.5, isReversed: false };
    expect([...movedCode(mu, rising, 3)]).toEqual([1, 3.5]);
    expect([...movedCode(mu, { ...rising, isReversed: true }, 3)]).toEqual([1, 0.5]);
    expect([...mu]).toEqual([1, 2]);
  });

  it('goes over all learned values where it has such, the other way where it falls', () => {
    const values = [-1, 0.25, 2].map((value) => ({ value, share: 1 / 3 }));
    const moved = { dimension: 1, unit: 0.5, isReversed: false, values };
    const steps = { range: 3, count: 5 };
    const along = (isReversed: boolean): number[] =>
      stripCodes(Float32Array.of(1, 2), { ...moved, isReversed }, steps).map((z) => z[1]!);
    expect(along(false)).toEqual([-1, 0.25, 0.25, 2, 2]);
    expect(along(true)).toEqual([2, 2, 0.25, 0.25, -1]);
  });

  it('goes as far to either side', () => {
    expect(offsets(3, 4)).toEqual([-3, -1, 1, 3]);
    expect(offsets(3, 1)).toEqual([0]);
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.integer({ min: 2, max: 9 }),
        (range, n) => {
          const all = offsets(range, n);
          expect(all[0]).toBe(-range);
          expect(all.at(-1)).toBeCloseTo(range, 12);
          all.forEach((offset, i) => expect(offset).toBeCloseTo(-all[n - 1 - i]!, 12));
        },
      ),
    );
  });

  it('comes first where it carries most: by KL, and for an AE by deviation', () => {
    const one = { dimension: 0, kl: 0, mean: 0, deviation: 1 };
    const dimensions = [
      one,
      { ...one, dimension: 1, deviation: 2 },
      { ...one, dimension: 2, kl: 0.1, deviation: 0 },
    ];
    expect(byStrength(dimensions).map(({ dimension }) => dimension)).toEqual([2, 1, 0]);
  });
});
