import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCounts, trainingLength } from '../../src/contract/training-length.ts';
import { splitImages } from '../../src/engine/data/split.ts';
import { BatchPlan } from '../../src/engine/training/batches.ts';

describe('splitCounts and trainingLength', () => {
  it('agree with the engine', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 120_000 }),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        fc.integer({ min: 2, max: 4096 }),
        (images, heldOutFraction, batchSize) => {
          const split = splitImages(images, heldOutFraction);
          expect(splitCounts(images, heldOutFraction)).toEqual({
            train: split.train.length,
            heldOut: split.heldOut.length,
          });
          const plan = new BatchPlan(split.train, batchSize, 1);
          expect(trainingLength(images, { heldOutFraction, batchSize, epochs: 3 })).toEqual({
            batchSize: plan.batchSize,
            stepsPerEpoch: plan.stepsPerEpoch,
            steps: 3 * plan.stepsPerEpoch,
            imagesSeen: 3 * plan.stepsPerEpoch * plan.batchSize,
          });
        },
      ),
      { numRuns: 30 },
    );
  });
});
