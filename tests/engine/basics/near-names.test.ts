import { describe, expect, it } from 'vitest';
import { editDistance, nearNames } from '../../../src/engine/basics/near-names.ts';

describe('editDistance', () => {
  it('counts letters put in, left out, changed and swapped', () => {
    expect(editDistance('faces', 'faces')).toBe(0);
    expect(editDistance('faces', 'fcaes')).toBe(1);
    expect(editDistance('faces', 'face')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});

describe('nearNames', () => {
  const names = ['vae-on-celeba-3f2a', 'celeba', 'faces', 'sprites'];

  it('finds what was misspelt, nearest first', () => {
    expect(nearNames('celbea', names)).toEqual(['celeba']);
    expect(nearNames('FACE', names)).toEqual(['faces']);
  });

  it('finds names that hold what was typed', () => {
    expect(nearNames('vae', names)).toEqual(['vae-on-celeba-3f2a']);
  });

  it('finds nothing for what is nothing like them', () => {
    expect(nearNames('zebra-crossing', names)).toEqual([]);
  });
});
