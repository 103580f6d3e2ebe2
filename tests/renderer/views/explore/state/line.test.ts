import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeAlong,
  distanceBetween,
  partAlong,
} from '../../../../../src/renderer/views/explore/state/line.ts';

const coordinate = fc.float({ min: -5, max: 5, noNaN: true });
const code = fc.array(coordinate, { minLength: 4, maxLength: 4 }).map((values) => Float32Array.from(values));

describe('the line between two codes', () => {
  it('meets both ends exactly', () => {
    fc.assert(
      fc.property(code, code, (start, end) => {
        expect([...codeAlong(start, end, 0)].map(Math.abs)).toEqual([...start].map(Math.abs));
        expect([...codeAlong(start, end, 1)].map(Math.abs)).toEqual([...end].map(Math.abs));
      }),
    );
  });

  it('finds a code that lies on it again', () => {
    fc.assert(
      fc.property(code, code, fc.double({ min: 0, max: 1, noNaN: true }), (start, end, part) => {
        fc.pre(distanceBetween(start, end) > 0.1);
        expect(partAlong(codeAlong(start, end, part), start, end)).toBeCloseTo(part, 3);
      }),
    );
  });

  it('does not find codes beside it or beyond its ends', () => {
    const start = Float32Array.of(0, 0);
    const end = Float32Array.of(2, 0);
    expect(partAlong(Float32Array.of(1, 0.1), start, end)).toBeUndefined();
    expect(partAlong(Float32Array.of(2.1, 0), start, end)).toBeUndefined();
    expect(partAlong(Float32Array.of(-0.1, 0), start, end)).toBeUndefined();
  });

  it('has no places where both ends are one', () => {
    const z = Float32Array.of(1, 1);
    expect(partAlong(z, z, z)).toBeUndefined();
  });
});
