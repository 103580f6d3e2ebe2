import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counted, duration, percentText, signed } from '../../../src/renderer/components/format.ts';

describe('numbers for people', () => {
  it('counts in the singular and the plural', () => {
    expect(counted(1, 'image')).toBe('1 image');
    expect(counted(11_004, 'file')).toBe('11,004 files');
  });

  it('writes a minus as wide as a plus, and none on what rounds to zero', () => {
    expect(signed(-1.5)).toBe('−1.50');
    expect(signed(-0.001)).toBe('0.00');
    expect(signed(2, 1)).toBe('2.0');
  });

  it('writes a part as a whole percentage, and says so where it would round to nothing', () => {
    expect([0, 0.0001, 0.004, 0.006, 0.375, 1].map(percentText)).toEqual([
      '0 %',
      '< 1 %',
      '< 1 %',
      '1 %',
      '38 %',
      '100 %',
    ]);
  });

  it('says a time in at most two units', () => {
    expect([0.4, 38, 252, 3600, 4000].map(duration)).toEqual([
      '0 s',
      '38 s',
      '4 min 12 s',
      '1 h 0 min',
      '1 h 6 min',
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (s) => duration(s).split(' ').length <= 4),
    );
  });
});
