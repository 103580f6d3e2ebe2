import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PALETTES } from '../../../src/renderer/theme/tokens.ts';
import {
  groupByClass,
  groupByColumn,
  groupByScale,
  groupBySplit,
  paintPoints,
  toneColour,
  ungrouped,
  type Grouping,
} from '../../../src/renderer/state/colouring.ts';

const dark = { palette: PALETTES.dark, theme: 'dark' } as const;
const light = { palette: PALETTES.light, theme: 'light' } as const;

const labels = ({ groups }: Grouping): [string, number][] => groups.map(({ label, count }) => [label, count]);

function pixel(colours: Uint8Array, point: number): string {
  const hex = [...colours.subarray(point * 4, point * 4 + 3)].map((v) => v.toString(16).padStart(2, '0'));
  return `#${hex.join('').toUpperCase()}`;
}

describe('groups of points', () => {
  it('of a binary label are no and yes, and what is not known', () => {
    const grouping = groupByColumn(
      { name: 'Smiling', type: 'binary', factor: false },
      Float32Array.of(0, 1, Number.NaN, 1),
    );
    expect(labels(grouping)).toEqual([
      ['No', 1],
      ['Yes', 2],
      ['Unknown', 1],
    ]);
    expect([...grouping.groupOf]).toEqual([0, 1, 2, 1]);
    const colours = paintPoints(grouping, [], dark);
    expect(pixel(colours, 0)).toBe(PALETTES.dark.categories[0]);
    expect(pixel(colours, 1)).toBe(PALETTES.dark.categories[1]);
    expect(pixel(colours, 2)).toBe(PALETTES.dark.ctl);
  });

  it('keep the two words of a binary column', () => {
    const treatment = {
      name: 'treatment',
      type: 'binary' as const,
      categories: ['control', 'drug A'],
      factor: false,
    };
    expect(labels(groupByColumn(treatment, Float32Array.of(0, 1, 1)))).toEqual([
      ['control', 1],
      ['drug A', 2],
    ]);
  });

  it('of few dates or numbers are those, in the colours of a scale; of many dates, spans of whole days', () => {
    const date = { from: '2026-03-01', step: 'day' } as const;
    const imaged = { name: 'imaged', type: 'continuous' as const, date, factor: false };
    const few = groupByColumn(imaged, Float32Array.of(0, 3, 3, 0, Number.NaN, 7, 7));
    expect(labels(few)).toEqual([
      ['2026-03-01', 2],
      ['2026-03-04', 2],
      ['2026-03-08', 2],
      ['Unknown', 1],
    ]);
    expect([...few.scale!]).toEqual([0, 0.5, 0.5, 0, Number.NaN, 1, 1]);
    const many = groupByColumn(
      imaged,
      Float32Array.from({ length: 31 }, (_, day) => day),
    );
    expect(labels(many)).toEqual([
      ['2026-03-01 to 2026-03-06', 6],
      ['2026-03-07 to 2026-03-12', 6],
      ['2026-03-13 to 2026-03-18', 6],
      ['2026-03-19 to 2026-03-24', 6],
      ['2026-03-25 to 2026-03-31', 7],
    ]);
  });

  it('of numbers with a unit name it', () => {
    const dose = { name: 'dose', type: 'continuous' as const, unit: 'µM', factor: false };
    const values = Float32Array.from({ length: 101 }, (_, i) => i / 10);
    expect(labels(groupByColumn(dose, values))[0]![0]).toBe('0 to 2 µM');
    expect(labels(groupByColumn(dose, Float32Array.of(0.5, 10, 0.5, 10)))).toEqual([
      ['0.5 µM', 2],
      ['10 µM', 2],
    ]);
  });

  it('of many categories are the six most frequent in their own order, and the others together', () => {
    const counts = [5, 1, 9, 4, 2, 8, 7, 6];
    const values = Float32Array.from(counts.flatMap((count, i) => new Array<number>(count).fill(i)));
    const names = counts.map((_, i) => `class ${i}`);
    const grouping = groupByColumn(
      { name: 'kind', type: 'categorical', categories: names, factor: true },
      values,
    );
    expect(labels(grouping)).toEqual([
      ['class 0', 5],
      ['class 2', 9],
      ['class 3', 4],
      ['class 5', 8],
      ['class 6', 7],
      ['class 7', 6],
      ['Other', 3],
    ]);
    const colours = paintPoints(grouping, [], light);
    expect(pixel(colours, 5)).toBe(PALETTES.light.ctl);
    expect(pixel(colours, values.length - 1)).toBe(PALETTES.light.categories[5]);
  });

  it('leave out categories that no image has', () => {
    expect(labels(groupByClass(Float32Array.of(2, 2), ['a', 'b', 'c']))).toEqual([['c', 2]]);
  });

  it('of the split are train and held out', () => {
    expect(labels(groupBySplit(Uint8Array.of(0, 1, 0)))).toEqual([
      ['Train', 2],
      ['Held out', 1],
    ]);
  });

  it('of a number are five bands of equal width over all of its values', () => {
    const grouping = groupByScale(Float32Array.from({ length: 101 }, (_, i) => i / 100));
    expect(labels(grouping)).toEqual([
      ['0.0 to 0.2', 20],
      ['0.2 to 0.4', 20],
      ['0.4 to 0.6', 20],
      ['0.6 to 0.8', 20],
      ['0.8 to 1.0', 21],
    ]);
  });

  it('of a number with a few far out give the others the scale, and say so', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i / 999);
    values[0] = -40;
    values[999] = 60;
    const { groups } = groupByScale(values);
    expect(groups[0]!.label).toBe('below 0.21');
    expect(groups[4]!.label).toBe('0.79 and more');
  });

  it('survive a number that is the same everywhere, or known nowhere', () => {
    expect(labels(groupByScale(Float32Array.of(2, 2)))[0]).toEqual(['2.0 to 2.2', 2]);
    const unknown = groupByScale(Float32Array.of(Number.NaN, Number.NaN));
    expect(unknown.groups.at(-1)).toMatchObject({ label: 'Unknown', count: 2 });
    expect(pixel(paintPoints(unknown, [], dark), 1)).toBe(PALETTES.dark.ctl);
  });

  it('hold every point once, whatever the values', () => {
    const value = fc.oneof(
      fc.constantFrom(0, 1, 2, 7, 300, Number.NaN),
      fc.float({ min: -100, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.boolean(), (list, isScale) => {
        const values = Float32Array.from(list);
        const grouping = isScale ? groupByScale(values) : groupByClass(values, ['a', 'b', 'c']);
        expect(grouping.groups.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
        grouping.groups.forEach(({ count }, g) =>
          expect(grouping.groupOf.filter((of) => of === g).length).toBe(count),
        );
      }),
    );
  });
});

describe('colours of points', () => {
  it('hide what is filtered out, and nothing else', () => {
    const grouping = groupBySplit(Uint8Array.of(0, 1, 0));
    const alpha = (hidden: boolean[]): number[] =>
      [...paintPoints(grouping, hidden, dark)].filter((_, i) => i % 4 === 3);
    expect(alpha([])).toEqual([255, 255, 255]);
    expect(alpha([false, true])).toEqual([255, 0, 255]);
  });

  it('rise in lightness with the number, and can be told from the ground in either theme', () => {
    const luminance = (hex: string): number => {
      const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
        const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const values = Float32Array.from({ length: 50 }, (_, i) => i);
    for (const look of [dark, light]) {
      const colours = paintPoints(groupByScale(values), [], look);
      const ground = luminance(look.palette.canvas);
      let before = -1;
      for (let i = 0; i < 50; i++) {
        const here = luminance(pixel(colours, i));
        expect(here).toBeGreaterThanOrEqual(before);
        before = here;
        const [high, low] = here > ground ? [here, ground] : [ground, here];
        expect((high + 0.05) / (low + 0.05)).toBeGreaterThan(2);
      }
    }
  });

  it('are one grey where points are not told apart', () => {
    const grouping = ungrouped(3);
    expect(toneColour(grouping.groups[0]!.tone, dark)).toBe(PALETTES.dark.ink3);
    expect(pixel(paintPoints(grouping, [], dark), 2)).toBe(PALETTES.dark.ink3);
  });
});
