import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aboutDuration } from '../../../../../src/renderer/components/format.ts';
import { estimateWords } from '../../../../../src/renderer/views/train/state/estimate-words.ts';

describe('aboutDuration', () => {
  it('says no more than can be known', () => {
    expect(aboutDuration(1)).toBe('about 5 s');
    expect(aboutDuration(43)).toBe('about 45 s');
    expect(aboutDuration(58)).toBe('about 1 min');
    expect(aboutDuration(18 * 60 + 12)).toBe('about 18 min');
    expect(aboutDuration(72 * 60)).toBe('about 1 h 10 min');
    expect(aboutDuration(2 * 3600)).toBe('about 2 h');
    expect(aboutDuration(17.4 * 3600)).toBe('about 17 h');
    expect(aboutDuration(80 * 3600)).toBe('about 3 days');
  });

  it('is never wrong by more than a seventh, from ten minutes on', () => {
    const unit = { min: 60, h: 3600, days: 86_400 };
    fc.assert(
      fc.property(fc.double({ min: 600, max: 1e6, noNaN: true }), (seconds) => {
        const parts = [...aboutDuration(seconds).matchAll(/(\d+) (min|h|days)/g)];
        const said = parts.reduce((sum, [, n, u]) => sum + Number(n) * unit[u as keyof typeof unit], 0);
        expect(Math.abs(said / seconds - 1)).toBeLessThan(0.15);
      }),
      { numRuns: 2000, examples: [[214_170], [216_000], [302_400]] },
    );
  });
});

/** A training that is nothing but steps. */
function effort(images: number, rate: number) {
  return { images, rate, seconds: images / rate };
}

describe('estimateWords', () => {
  it('names the time and the rate it comes from', () => {
    expect(estimateWords([effort(412 * 18 * 60, 412)])).toBe('about 18 min at 412 images / s');
    expect(estimateWords([effort(600, 2.5)])).toBe('about 4 min at 2.5 images / s');
  });

  it('adds up several trainings, at the rate that they reach together', () => {
    expect(estimateWords([effort(60_000, 100), effort(60_000, 300)])).toBe(
      'about 13 min for all 2, at 150 images / s',
    );
  });

  it('counts what follows the epochs, and gives the rate of the steps alone', () => {
    expect(estimateWords([{ ...effort(6000, 100), seconds: 120 }])).toBe('about 2 min at 100 images / s');
  });

  it('says nothing while one of the rates is not known', () => {
    expect(estimateWords([effort(100, 100), undefined])).toBeUndefined();
    expect(estimateWords([])).toBeUndefined();
  });
});
