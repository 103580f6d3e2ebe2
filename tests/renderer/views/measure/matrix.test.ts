import { describe, expect, it } from 'vitest';
import {
  cellColour,
  cellText,
  roundUp,
  showMatrix,
  valueWords,
} from '../../../../src/renderer/views/measure/matrix.ts';
import { PALETTES } from '../../../../src/renderer/theme/tokens.ts';
import { anEvaluation, aResult } from './an-evaluation.ts';

const { matrix } = aResult();
const shown = showMatrix(matrix!, anEvaluation().dimensionNames);

describe('a matrix to look at', () => {
  it('is in bits, named dimensions first, the one that tells most at the top', () => {
    expect(shown.unit).toBe('bits');
    expect(shown.rows.map(({ dimension }) => dimension)).toEqual([1, 2, 0]);
    expect(shown.rows.map(({ name }) => name)).toEqual(['hair_colour', 'smile', null]);
    expect(shown.rows[0]!.values[1]).toBeCloseTo(1, 12);
    expect(shown.most).toBe(1);
  });

  it('orders dimensions without names by their largest number', () => {
    const unnamed = showMatrix({ ...matrix!, unit: 'share' }, []);
    expect(unnamed.rows.map(({ dimension }) => dimension)).toEqual([1, 2, 0]);
    expect(unnamed.rows[0]!.values[1]).toBe(Math.LN2);
  });

  it.each([
    [0.00213, 0.0025],
    [0.9, 1],
    [1.99, 2],
    [2.2, 2.5],
    [2.6, 5],
    [83, 100],
    [0.5, 0.5],
    [0, 1],
  ])('ends its scale above %d at the round number %d', (value, most) => expect(roundUp(value)).toBe(most));

  it('leaves cells with nothing empty', () => {
    expect(cellText(0.004, shown)).toBe('');
    expect(cellText(0.66, shown)).toBe('0.66');
    expect(cellText(-1.25, { unit: 'weight', most: 5 })).toBe('−1.3');
    expect(cellText(83, { unit: 'votes', most: 100 })).toBe('83');
    expect(valueWords(0.004, shown)).toBe('0 bits');
    expect(valueWords(0.5, { unit: 'share', most: 1 })).toBe('0.50');
  });

  it.each(['dark', 'light'] as const)('keeps numbers legible on every colour of the %s theme', (theme) => {
    const luminance = (colour: string): number => {
      const rgb = colour.startsWith('#')
        ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
        : colour.match(/\d+/g)!.map(Number);
      const [r, g, b] = rgb.map((value) =>
        value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    for (const isSigned of [false, true]) {
      for (let value = isSigned ? -1 : 0; value <= 1; value += 0.01) {
        const { ground, ink } = cellColour(value, { most: 1, isSigned }, PALETTES[theme]);
        const [a, b] = [luminance(ground), luminance(ink)];
        expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it('shows square roots, so that a quarter is half way', () => {
    const { tide } = PALETTES.dark;
    const half = cellColour(0.25, { most: 1, isSigned: false }, PALETTES.dark).ground;
    const middle = [1, 3, 5].map((at) => parseInt(tide[3]!.slice(at, at + 2), 16));
    expect(half).toBe(`rgb(${middle.join(', ')})`);
  });

  it('goes both ways from nothing where there are negative numbers', () => {
    const signed = showMatrix({ ...matrix!, unit: 'weight', values: [0, 1, -2, 0, 0, 0] }, []);
    expect(signed.isSigned).toBe(true);
    expect(signed.most).toBe(2);
    const colour = (value: number): string => cellColour(value, signed, PALETTES.light).ground;
    expect(new Set([colour(-2), colour(0), colour(2)]).size).toBe(3);
  });
});
