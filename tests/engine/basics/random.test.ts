import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../../src/engine/basics/random.ts';

function draw(count: number, random: Random, kind: 'uniform' | 'normal'): Float64Array {
  return Float64Array.from({ length: count }, () => random[kind]());
}

function moment(values: Float64Array, order: number, centre = 0): number {
  return values.reduce((sum, value) => sum + (value - centre) ** order, 0) / values.length;
}

/** Kolmogorov and Smirnov's distance between drawn values and a distribution. */
function distanceTo(values: Float64Array, cdf: (x: number) => number): number {
  const sorted = values.slice().sort();
  return sorted.reduce((most, x, i) => {
    const expected = cdf(x);
    return Math.max(most, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }, 0);
}

/** Φ, by Abramowitz and Stegun 26.2.17: within 7.5e-8. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp(-x * x * 0.5) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x >= 0 ? 1 - tail : tail;
}

const COUNT = 100_000;
/** What the distance stays below in 999,999 of a million draws; the seeds are fixed, so it holds or not for ever. */
const CRITICAL = Math.sqrt(-Math.log(1e-6 / 2) / 2 / COUNT);

describe('createRandom', () => {
  test('gives the same numbers on every machine', () => {
    const random = createRandom(7, 'noise', 3);
    const first = draw(4, random, 'uniform').map((value) => value * 2 ** 32);
    expect([...first]).toEqual([3774707891, 3255407533, 3600311368, 3754346767]);
    expect([...createRandom(1).permutation(8)]).toEqual([4, 1, 0, 3, 6, 7, 2, 5]);
  });

  test('gives the numbers of its address, whatever was drawn before', () => {
    const busy = createRandom(5, 'other');
    draw(1000, busy, 'normal');
    const again = createRandom(5, 'step', 12);
    expect(draw(10, again, 'normal')).toEqual(draw(10, createRandom(5, 'step', 12), 'normal'));
  });

  test('draws uniform numbers from [0, 1)', () => {
    const values = draw(COUNT, createRandom(11, 'uniform'), 'uniform');
    expect(Math.min(...values.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(distanceTo(values, (x) => x)).toBeLessThan(CRITICAL);
  });

  test('draws normal numbers with the moments of N(0, 1)', () => {
    const values = draw(COUNT, createRandom(12, 'normal'), 'normal');
    expect(distanceTo(values, normalCdf)).toBeLessThan(CRITICAL);
    // Five standard errors each: 1, √2, √15 and √96 over √n.
    const error = 5 / Math.sqrt(COUNT);
    expect(Math.abs(moment(values, 1))).toBeLessThan(error);
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(error * Math.SQRT2);
    expect(Math.abs(moment(values, 3))).toBeLessThan(error * Math.sqrt(15));
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(error * Math.sqrt(96));
  });

  test('draws pairs of normal numbers that do not depend on each other', () => {
    const random = createRandom(13);
    const values = draw(COUNT, random, 'normal');
    let sum = 0;
    for (let i = 0; i + 1 < COUNT; i += 2) sum += values[i]! * values[i + 1]!;
    expect(Math.abs(sum / (COUNT / 2))).toBeLessThan(5 / Math.sqrt(COUNT / 2));
  });

  test.each([
    ['neighbouring seeds', createRandom(1, 'a'), createRandom(2, 'a')],
    ['seeds that differ above 32 bits', createRandom(1), createRandom(1 + 2 ** 32)],
    ['neighbouring steps', createRandom(1, 'noise', 1), createRandom(1, 'noise', 2)],
    ['a number and its digits', createRandom(1, 12), createRandom(1, '12')],
    ['words cut differently', createRandom(1, 'ab', 'c'), createRandom(1, 'a', 'bc')],
    ['a path and its beginning', createRandom(1, 'a'), createRandom(1, 'a', 0)],
  ])('gives unrelated numbers for %s', (_, one, other) => {
    const a = draw(20_000, one, 'uniform');
    const b = draw(20_000, other, 'uniform');
    let product = 0;
    let same = 0;
    a.forEach((value, i) => {
      product += (value - 0.5) * (b[i]! - 0.5) * 12;
      if (value === b[i]) same += 1;
    });
    expect(same).toBeLessThan(3);
    expect(Math.abs(product / a.length)).toBeLessThan(5 / Math.sqrt(a.length));
  });

  test('draws integers below n, all equally often', () => {
    const random = createRandom(14);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]! += 1;
    expect(counts.reduce((sum, count) => sum + count)).toBe(70_000);
    // χ² with 6 degrees of freedom: above 38.3 once in a million.
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(38.3);
  });

  test('permutes: every number once, every place equally likely', () => {
    const order = createRandom(15).permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
    expect([...createRandom(15).permutation(0)]).toEqual([]);
    expect([...createRandom(15).permutation(1)]).toEqual([0]);
    const orders = new Map<string, number>();
    const random = createRandom(16);
    for (let i = 0; i < 24_000; i++) {
      const key = random.permutation(4).join('');
      orders.set(key, (orders.get(key) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    // χ² with 23 degrees of freedom: above 72 once in a million.
    const chi = [...orders.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(72);
  });

  test('fills the array that it is given, and returns it', () => {
    const into = new Float32Array(5);
    expect(createRandom(17).fillNormal(into)).toBe(into);
    expect(into).toEqual(Float32Array.from(draw(5, createRandom(17), 'normal')));
  });
});
