import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32Text } from '../../../src/engine/basics/float32-text.ts';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('float32Text', () => {
  test('reads back to the same float32, bit for bit, in at most nine digits', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const written = float32Text(value);
        expect(Math.fround(Number(written))).toBe(value);
        expect(written.replace(/e.*$/, '').replace(/^-?0?\.?0*|[-.]/g, '').length).toBeLessThanOrEqual(
          // Numbers such as 3.4e38 below 1e21 are written out in full by JavaScript, with zeros at the end.
          Math.abs(value) >= 1e9 && Math.abs(value) < 1e21 ? 21 : 9,
        );
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('is as short as it can be', () => {
    expect([0.1, 0.5, -3, 1 / 3, -0, 1e-20].map((value) => float32Text(Math.fround(value)))).toEqual([
      '0.1',
      '0.5',
      '-3',
      '0.33333334',
      '-0',
      '1e-20',
    ]);
  });
});
