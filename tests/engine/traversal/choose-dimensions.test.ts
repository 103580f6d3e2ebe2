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
  const model = { latentDim: 4, latentValues: undefined };

  it('begins the same however many are asked for', () => {
    expect([...samplePrior(model, 3, 5).subarray(0, 8)]).toEqual([...samplePrior(model, 3, 2)]);
    expect(samplePrior(model, 4, 2)).not.toEqual(samplePrior(model, 3, 2));
  });

  it('has mean 0 and variance 1', () => {
    const codes = samplePrior(model, 1, 5000);
    const mean = codes.reduce((sum, value) => sum + value, 0) / codes.length;
    const variance = codes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / codes.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it('draws each dimension of a quantised model from its values, as often as the training images have them', () => {
    const dimension = [
      { value: -0.5, share: 0.25 },
      { value: 0.1, share: 0 },
      { value: 0.75, share: 0.75 },
    ];
    const codes = samplePrior({ latentDim: 2, latentValues: [dimension, dimension.slice(2)] }, 1, 4000);
    const first = codes.filter((_, i) => i % 2 === 0);
    expect([...new Set(first)].sort()).toEqual([-0.5, 0.75]);
    expect(first.filter((value) => value === -0.5).length / first.length).toBeCloseTo(0.25, 1);
    expect(new Set(codes.filter((_, i) => i % 2 === 1))).toEqual(new Set([0.75]));
  });
});
