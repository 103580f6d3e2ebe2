import { describe, expect, it } from 'vitest';
import { findNamed } from '../../../src/engine/basics/find-named.ts';

const runs = [
  { id: 'vae-1a2b', name: 'VAE' },
  { id: 'vae-3c4d', name: 'VAE' },
  { id: 'first-5e6f', name: 'first' },
];
const words = { noun: 'run', none: 'Make one.' };
const failureOf = (wanted: string, items = runs): unknown => {
  try {
    return findNamed(items, wanted, words);
  } catch (error) {
    return error;
  }
};

describe('what is meant', () => {
  it('is found by id, by a name that only one has, and by the beginning of an id', () => {
    for (const wanted of ['first-5e6f', 'first', 'fir']) {
      expect(findNamed(runs, wanted, words)).toBe(runs[2]);
    }
    expect(findNamed(runs, 'vae-3', words)).toBe(runs[1]);
  });

  it('must be one: several of a name are listed', () => {
    expect(failureOf('VAE')).toMatchObject({ code: 'bad-input', hint: 'Use an id: vae-1a2b, vae-3c4d.' });
  });

  it('mistyped brings the nearest names', () => {
    expect(failureOf('frist')).toMatchObject({ code: 'not-found', hint: 'Did you mean first?' });
  });

  it('nowhere near brings what there is, or how to begin', () => {
    expect(failureOf('zzzzzzzz')).toMatchObject({ hint: expect.stringContaining('vae-1a2b') as string });
    expect(failureOf('x', [])).toMatchObject({ hint: 'Make one.' });
    expect(failureOf('')).toMatchObject({ code: 'not-found' });
  });
});
