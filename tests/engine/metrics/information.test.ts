import { describe, expect, it } from 'vitest';
import { nameDimensions } from '../../../src/engine/metrics/dimension-names.ts';
import { makeFactor } from '../../../src/engine/metrics/factor.ts';
import { cutColumn } from '../../../src/engine/metrics/histogram.ts';
import {
  countPairs,
  informationBeyondChance,
  mutualInformation,
  UNKNOWN_CLASS,
} from '../../../src/engine/metrics/mutual-information.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { labelColumn } from './tables.ts';

describe('bins', () => {
  it('have their lower edges, and the last one both', () => {
    expect([...cutColumn(Float32Array.of(0, 0.99, 1, 5, 19.5, 20), 1, 0)]).toEqual([0, 0, 1, 5, 19, 19]);
  });

  it('put a constant into one', () => {
    expect(new Set(cutColumn(new Float32Array(50).fill(3.5), 1, 0)).size).toBe(1);
  });
});

describe('mutual information', () => {
  it('is the entropy of a class that the bin decides, and 0 of one it does not touch', () => {
    const bins = Uint8Array.from({ length: 120 }, (_, i) => i % 4);
    const same = Uint16Array.from(bins);
    const other = Uint16Array.from({ length: 120 }, (_, i) => Math.floor(i / 4) % 3);
    expect(mutualInformation(countPairs(bins, 4, same, 4))).toBeCloseTo(Math.log(4), 12);
    expect(mutualInformation(countPairs(bins, 4, other, 3))).toBeCloseTo(0, 12);
  });

  it('leaves unknown rows out, and counts rows by their weights', () => {
    const bins = Uint8Array.of(0, 1, 0, 1);
    const classes = Uint16Array.of(0, 1, 1, UNKNOWN_CLASS);
    expect([...countPairs(bins, 2, classes, 2).counts]).toEqual([1, 1, 0, 1]);
    expect([...countPairs(bins, 2, classes, 2, Uint8Array.of(3, 0, 2, 9)).counts]).toEqual([3, 2, 0, 0]);
  });

  it('has nothing beyond chance where there is only chance', () => {
    const random = createRandom(1);
    let [plain, beyond] = [0, 0];
    for (let time = 0; time < 200; time++) {
      const bins = Uint8Array.from({ length: 500 }, () => random.integer(10));
      const classes = Uint16Array.from({ length: 500 }, () => random.integer(5));
      const pairs = countPairs(bins, 10, classes, 5);
      plain += mutualInformation(pairs) / 200;
      beyond = Math.max(beyond, informationBeyondChance(pairs));
    }
    // (10 − 1)(5 − 1) / (2 · 500)
    expect(plain).toBeCloseTo(0.036, 2);
    expect(beyond).toBe(0);
  });
});

describe('factors', () => {
  it('are their values where these are few, and bins where they are many', () => {
    const random = createRandom(2);
    const values = Float32Array.from({ length: 900 }, () => random.uniform());
    const column = { name: 'turn', type: 'continuous', factor: true } as const;
    expect(makeFactor({ column, values })).toMatchObject({
      size: 20,
      isCut: true,
      isOrdered: true,
      known: 900,
    });
    const few = values.map((value) => Math.floor(value * 40) / 40);
    expect(makeFactor({ column, values: few })).toMatchObject({ size: 40, isCut: false });
    const kinds = { ...column, type: 'categorical' } as const;
    expect(makeFactor({ column: kinds, values: few.map((value) => value * 40) })).toMatchObject({
      isOrdered: false,
    });
    const names = Float32Array.from({ length: 900 }, (_, i) => i % 300);
    expect(makeFactor({ column: kinds, values: names })).toEqual({
      leftOut: 'turn has more than 256 values',
    });
  });
});

describe('names of dimensions', () => {
  const random = createRandom(3);
  const count = 2000;
  const smile = Array.from({ length: count }, () => random.integer(2));
  const glasses = Array.from({ length: count }, () => (random.uniform() < 0.1 ? 1 : 0));
  const codes = Float32Array.from({ length: count * 3 }, (_, at) => {
    const row = Math.floor(at / 3);
    return [
      4 * smile[row]! + 0.1 * random.normal(),
      2 * glasses[row]! + 0.5 * random.normal(),
      random.normal(),
    ][at % 3]!;
  });

  it('say what each carries, in bits, and nothing of a dimension that carries nothing', () => {
    const columns = [labelColumn('smile', smile), labelColumn('glasses', glasses)];
    const names = nameDimensions({ codes, count, latentDim: 3, columns });
    expect(names.map(({ dimension, column }) => [dimension, column])).toEqual([
      [0, 'smile'],
      [1, 'glasses'],
      [2, null],
    ]);
    // A fair coin, told without error, is one bit.
    expect(names[0]!.bits).toBeCloseTo(1, 2);
    expect(names[0]!.name).toMatch(/^smile, (0\.99|1\.00) bits$/);
    expect(names[1]!.bits).toBeLessThan(0.5);
    expect(names[2]).toEqual({ dimension: 2, name: 'z2', bits: 0, column: null });
  });

  it('are not given to an inactive dimension', () => {
    const columns = [labelColumn('smile', smile), labelColumn('glasses', glasses)];
    const active = [false, true, true];
    const names = nameDimensions({ codes, count, latentDim: 3, columns, active });
    expect(names.map(({ column }) => column)).toEqual([null, 'glasses', null]);
  });

  it('are not given for less than a twentieth of a label’s information, and state their share', () => {
    // A fair coin that is told with probability p of error has 1 − h(p) bits left.
    const told = (error: number): number => {
      const noisy = Float32Array.from(smile, (value) => (random.uniform() < error ? 1 - value : value));
      const [first] = nameDimensions({
        codes: noisy,
        count,
        latentDim: 1,
        columns: [labelColumn('smile', smile)],
      });
      return first!.share ?? 0;
    };
    expect(told(0.3)).toBeCloseTo(0.119, 1);
    expect(told(0.4)).toBe(0);
  });

  it('are their numbers where nothing is known', () => {
    const names = nameDimensions({ codes, count, latentDim: 3, columns: [] });
    expect(names.map(({ name }) => name)).toEqual(['z0', 'z1', 'z2']);
  });
});
