import { describe, expect, it } from 'vitest';
import { agrees, apart, compare, judge } from '../../bench/equivalence/agreement.ts';
import { verdict, type Figure } from '../../bench/figures.ts';
import { median, pairedRatio, quantile } from '../../bench/harness/statistics.ts';

const figure = (value: number): Figure => ({
  benchmark: 'train',
  what: 'images a second',
  value,
  unit: '×',
  goal: { is: 'at least', value: 1 },
  floor: { is: 'at least', value: 0.9 },
});

describe('a verdict', () => {
  it('tells a goal met from one missed and a floor broken', () => {
    expect([1.2, 0.95, 0.85].map((value) => verdict(figure(value)))).toEqual([
      'met',
      'missed',
      'floor broken',
    ]);
  });

  it('of a value that is not a number is never good', () => {
    expect(verdict(figure(Number.NaN))).toBe('floor broken');
  });
});

describe('the agreement of two trainings', () => {
  const steps = (change: number): { total: number }[] =>
    Array.from({ length: 50 }, (_, i) => ({ total: 600 + (i < 10 ? change : 0) }));

  it('holds within a thousandth over the first steps and fails beyond', () => {
    expect(compare('vae', steps(0.5), steps(0)).every(agrees)).toBe(true);
    expect(compare('vae', steps(0.7), steps(0)).every(agrees)).toBe(false);
  });

  it('is judged by the truth in float64 where rounding takes both away from it', () => {
    const kl = (value: number): { kl: number }[] => [{ kl: value }];
    const found = compare('vae', kl(378), kl(383));
    expect(found.every(agrees)).toBe(false);
    expect(judge(found, kl(372)).every(agrees)).toBe(true);
    expect(judge(found, kl(383.1)).every(agrees)).toBe(false);
  });

  it('fails where one side lacks a term, or has no number', () => {
    expect(compare('vae', [{ total: 1, kl: 1 }], [{ total: 1 }]).every(agrees)).toBe(false);
    expect(compare('vae', [{ total: Number.NaN }], [{ total: 1 }]).every(agrees)).toBe(false);
  });

  it('takes terms below one nat as they are', () => {
    expect(apart(2e-6, 1e-6)).toBeCloseTo(1e-6);
  });
});

describe('statistics', () => {
  it('take ratios round by round, so that drift cancels', () => {
    expect(pairedRatio([10, 20, 40], [5, 10, 20])).toEqual({ median: 2, min: 2, max: 2 });
  });

  it('find middles and tails', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(
      quantile(
        Array.from({ length: 100 }, (_, i) => i + 1),
        0.99,
      ),
    ).toBe(99);
  });
});
