import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotSize, LARGEST_DOT_PX, SMALLEST_DOT_PX } from '../../../src/renderer/scene/dot-size.ts';

const count = fc.integer({ min: 1, max: 300_000 });
const side = fc.integer({ min: 200, max: 3000 });

describe('the size of dots', () => {
  it('falls with the number of points and grows with the picture, without a step, inside its limits', () => {
    fc.assert(
      fc.property(count, side, side, (points, width, height) => {
        const size = dotSize(points, width, height);
        const withMore = dotSize(points * 1.01, width, height);
        expect(withMore).toBeLessThanOrEqual(size);
        expect(size / withMore).toBeLessThan(1.01);
        expect(dotSize(points, width * 1.01, height)).toBeGreaterThanOrEqual(size);
        expect(size).toBeGreaterThanOrEqual(SMALLEST_DOT_PX);
        expect(size).toBeLessThanOrEqual(LARGEST_DOT_PX);
      }),
    );
  });

  it('is large for a few hundred points and small for all of CelebA', () => {
    expect(dotSize(300, 640, 560)).toBeGreaterThan(8);
    expect(dotSize(300, 640, 560)).toBeLessThan(10);
    expect(dotSize(2000, 640, 560)).toBeCloseTo(5, 0);
    expect(dotSize(202_599, 1152, 892)).toBe(SMALLEST_DOT_PX);
  });
});
