import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optimiserWords, rateFactor } from '../../src/contract/optimiser.ts';

const whole = { from: 0, to: 100 };

describe('the learning rate', () => {
  it('stays where nothing is said', () => {
    expect([0, 50, 99].map((step) => rateFactor({}, whole, step))).toEqual([1, 1, 1]);
  });

  it('falls along half a cosine, from 1 through ½ nearly to 0', () => {
    const factor = (step: number): number => rateFactor({ schedule: 'cosine' }, whole, step);
    expect(factor(0)).toBe(1);
    expect(factor(25)).toBeCloseTo((1 + Math.SQRT1_2) / 2, 12);
    expect(factor(50)).toBeCloseTo(0.5, 12);
    expect(factor(99)).toBeCloseTo((1 + Math.cos((99 * Math.PI) / 100)) / 2, 12);
  });

  it('rises evenly at the beginning, and not again when the training is continued', () => {
    const optimiser = { warmUpSteps: 4 };
    expect([0, 1, 2, 3, 4].map((step) => rateFactor(optimiser, whole, step))).toEqual([
      0.25, 0.5, 0.75, 1, 1,
    ]);
    expect(rateFactor(optimiser, { from: 100, to: 200 }, 100)).toBe(1);
  });

  it('begins a new cosine when the training is continued', () => {
    const stage = { from: 100, to: 300 };
    expect(rateFactor({ schedule: 'cosine' }, stage, 100)).toBe(1);
    expect(rateFactor({ schedule: 'cosine' }, stage, 200)).toBeCloseTo(0.5, 12);
  });

  it('is always above 0 and at most 1, also with a warm-up longer than the training', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.constantFrom('constant' as const, 'cosine' as const),
        (to, warmUpSteps, schedule) => {
          for (let step = 0; step < to; step++) {
            const factor = rateFactor({ schedule, warmUpSteps }, { from: 0, to }, step);
            expect(factor).toBeGreaterThan(0);
            expect(factor).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('the words of what is added to Adam', () => {
  it('name what is set, and nothing else', () => {
    expect(optimiserWords({})).toEqual([]);
    expect(optimiserWords({ schedule: 'constant' })).toEqual([]);
    const all = { warmUpSteps: 1000, clipNorm: 1, weightDecay: 0.01, averageDecay: 0.999 };
    expect(optimiserWords({ schedule: 'cosine', ...all })).toEqual([
      'cosine schedule',
      'warm-up of 1,000 steps',
      'gradients clipped at norm 1',
      'weight decay 0.01',
      'weights averaged with 0.999',
    ]);
  });
});
