import { describe, expect, it } from 'vitest';
import { bytes, counted, duration, listing, measured, table, whole } from '../../src/cli/format.ts';

describe('numbers', () => {
  it('have separators for the thousands', () => {
    expect(whole(202_599)).toBe('202,599');
    expect(counted(1, 'image')).toBe('1 image');
    expect(counted(0, 'image')).toBe('0 images');
  });

  it('have about four digits if they are measured', () => {
    expect([1023.4, 645.21, 20.127, 0.0042, -3.5, 0].map(measured)).toEqual([
      '1,023',
      '645.2',
      '20.13',
      '0.004',
      '−3.500',
      '0.000',
    ]);
    expect([undefined, Number.NaN, Infinity].map(measured)).toEqual(['–', '–', '–']);
  });
});

describe('duration', () => {
  it('has at most two units, none of them zero', () => {
    expect([0.04, 9.94, 9.96, 14.4, 59.6, 125, 3600, 4325, 277_200].map(duration)).toEqual([
      '0.0 s',
      '9.9 s',
      '10 s',
      '14 s',
      '1 min',
      '2 min 5 s',
      '1 h',
      '1 h 12 min',
      '3 d 5 h',
    ]);
  });
});

describe('bytes', () => {
  it('use the unit that needs few digits', () => {
    expect([0, 812, 98_300_000, 25_310_000_000, 999_999].map(bytes)).toEqual([
      '0 B',
      '812 B',
      '98.3 MB',
      '25.3 GB',
      '1,000 kB',
    ]);
  });
});

describe('table', () => {
  it('aligns words left and numbers right', () => {
    expect(
      table(
        [{ head: 'Name' }, { head: 'Images', align: 'right' }],
        [
          ['faces', '10'],
          ['celeba', '202,599'],
        ],
      ),
    ).toEqual(['Name     Images', 'faces        10', 'celeba  202,599']);
  });
});

describe('listing', () => {
  it('aligns values and leaves out undefined ones', () => {
    expect(
      listing([
        ['Run', 'a'],
        ['Failure', undefined],
        ['Model', 'VAE'],
      ]),
    ).toEqual(['Run    a', 'Model  VAE']);
  });
});
