import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  interpolate,
  rankDimensions,
  traversalOffsets,
  traverseDimension,
} from '../../../src/engine/traversal/traverse.ts';

describe('the offsets of a traversal', () => {
  it('go evenly from −range to +range', () => {
    expect([...traversalOffsets(3, 7)]).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    const values = traversalOffsets(2.5, 24);
    expect([values[0], values[23]]).toEqual([-2.5, 2.5]);
  });

  it('are the middle alone when there is one', () => {
    expect([...traversalOffsets(3, 1)]).toEqual([0]);
  });
});

describe('a traversal', () => {
  it("moves one coordinate from the image's own value and leaves the others", () => {
    const center = Float32Array.of(0.5, -1, 2);
    expect([...traverseDimension(center, 1, Float32Array.of(-3, 3))]).toEqual([0.5, -4, 2, 0.5, 2, 2]);
    expect([...center]).toEqual([0.5, -1, 2]);
  });
});

describe('an interpolation', () => {
  const code = fc.array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });

  it('meets its endpoints exactly and goes straight', () => {
    fc.assert(
      fc.property(code, code, fc.integer({ min: 2, max: 30 }), (a, b, frames) => {
        const [from, to] = [Float32Array.from(a), Float32Array.from(b)];
        const codes = interpolate(from, to, frames);
        const last = 4 * (frames - 1);
        // Compared as numbers: −0 and 0 are the same place.
        for (let l = 0; l < 4; l++) expect(codes[l] === from[l] && codes[last + l] === to[l]).toBe(true);
        for (let i = 0; i < frames; i++) {
          const t = i / (frames - 1);
          expect(codes[4 * i]).toBeCloseTo(from[0]! + t * (to[0]! - from[0]!), 3);
        }
      }),
    );
  });
});

describe('dimensions', () => {
  it('are ranked by what they carry, equals in their order', () => {
    expect(rankDimensions([0.1, 3, 0.1, 5])).toEqual([3, 1, 0, 2]);
  });
});
