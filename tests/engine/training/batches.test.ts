import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchPlan } from '../../../src/engine/training/batches.ts';
import { splitImages } from '../../../src/engine/data/split.ts';

describe('the split', () => {
  it('puts every image on one side, exactly once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 3000 }),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        (n, part) => {
          const { train, heldOut } = splitImages(n, part);
          expect(new Set([...train, ...heldOut]).size).toBe(n);
          expect(train.length + heldOut.length).toBe(n);
          expect(heldOut.length).toBeGreaterThan(0);
          expect(train.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("holds out 400 of CelebA's first 8,000", () => {
    expect(splitImages(8000, 0.05).heldOut.length).toBe(400);
  });

  it('is the same for every run', () => {
    expect(splitImages(500, 0.1)).toEqual(splitImages(500, 0.1));
  });
});

describe('the batches', () => {
  const train = Uint32Array.from({ length: 50 }, (_, i) => 1000 + i);

  it('take every image at most once an epoch', () => {
    const plan = new BatchPlan(train, 8, 3);
    expect(plan.stepsPerEpoch).toBe(6);
    for (let epoch = 0; epoch < 3; epoch++) {
      const seen = Array.from({ length: 6 }, (_, s) => [...plan.indices(epoch * 6 + s)]).flat();
      expect(new Set(seen).size).toBe(48);
      expect(seen.every((index) => index >= 1000 && index < 1050)).toBe(true);
    }
  });

  it('are the same wherever one begins', () => {
    const whole = new BatchPlan(train, 8, 3);
    for (let step = 0; step < 20; step++) whole.indices(step);
    expect(new BatchPlan(train, 8, 3).indices(20)).toEqual(whole.indices(20));
  });

  it('come in another order every epoch', () => {
    const plan = new BatchPlan(train, 50, 3);
    expect(plan.indices(1)).not.toEqual(plan.indices(0));
  });

  it('are the whole data when it is smaller than a batch', () => {
    const plan = new BatchPlan(train, 128, 3);
    expect(plan.stepsPerEpoch).toBe(1);
    expect([...plan.indices(0)].sort()).toEqual([...train]);
  });
});
