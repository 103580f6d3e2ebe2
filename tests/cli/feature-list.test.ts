import { describe, expect, it } from 'vitest';
import { featureList } from '../../src/cli/feature-list.ts';

describe('--features', () => {
  it('contains labels, and chosen dimensions after their label', () => {
    expect(featureList('Smiling, Bald=vae:3,tc:7-,Young')).toEqual([
      { name: 'Smiling', dimensions: [] },
      {
        name: 'Bald',
        dimensions: [
          { run: 'vae', dimension: 3, isReversed: false },
          { run: 'tc', dimension: 7, isReversed: true },
        ],
      },
      { name: 'Young', dimensions: [] },
    ]);
  });

  it.each(['', 'Smiling,', 'vae:3', 'Smiling=vae', '=vae:3', 'Smiling=vae:x'])('refuses “%s”', (text) => {
    expect(() => featureList(text)).toThrow();
  });
});
