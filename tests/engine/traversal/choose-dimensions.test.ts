import { describe, expect, it } from 'vitest';
import { dimensionLabel, hasKl } from '../../../src/engine/traversal/choose-dimensions.ts';
import { samplePrior } from '../../../src/engine/traversal/sample-prior.ts';

describe('hasKl', () => {
  it('is false for an AE, whose KL is 0 in every dimension', () => {
    expect([undefined, [], [0, 0], [0, 0.1]].map((kl) => hasKl(kl))).toEqual([false, false, false, true]);
  });
});

describe('dimensionLabel', () => {
  it('has the KL where it is known', () => {
    expect(dimensionLabel(1, [0.5, 1.236])).toBe('z1 · 1.24 nats');
    expect(dimensionLabel(1, undefined)).toBe('z1');
    expect(dimensionLabel(1, [0, 0])).toBe('z1');
  });
});

describe('samplePrior', () => {
  it('begins the same however many are asked for', () => {
    expect([...samplePrior(3, 5, 4).subarray(0, 8)]).toEqual([...samplePrior(3, 2, 4)]);
    expect(samplePrior(4, 2, 4)).not.toEqual(samplePrior(3, 2, 4));
  });

  it('has mean 0 and variance 1', () => {
    const codes = samplePrior(1, 5000, 4);
    const mean = codes.reduce((sum, value) => sum + value, 0) / codes.length;
    const variance = codes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / codes.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });
});
