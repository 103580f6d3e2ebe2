// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { UnravelError } from '../../../../../src/contract/errors.ts';
import { tensor, type Tensor } from '../../../../../src/contract/tensor.ts';
import { PointsState } from '../../../../../src/renderer/views/explore/scatter/points.svelte.ts';
import { openExplore } from '../small-model.ts';

const hair = {
  name: 'hair_colour',
  type: 'categorical' as const,
  categories: ['dark', 'blond'],
  factor: true,
};
const smiling = { name: 'Smiling', type: 'binary' as const, factor: false };
const turn = { name: 'turn', type: 'continuous' as const, factor: true };

const columns: Record<string, Tensor<'f32'>> = {
  hair_colour: tensor('f32', [4], Float32Array.of(0, 1, 1, Number.NaN)),
  Smiling: tensor('f32', [4], Float32Array.of(1, 0, 0, 1)),
  turn: tensor('f32', [4], Float32Array.of(-1, 0, 0.5, 1)),
};

async function openPoints() {
  const { explore, asked } = await openExplore({
    columns: [hair, smiling, turn],
    handlers: {
      'datasets.column': ({ column }) => columns[column]!,
      'codes.dimension': () => tensor('f32', [4], Float32Array.of(-2, -1, 1, 2)),
    },
  });
  const points = new PointsState(explore);
  await points.open();
  return { points, explore, asked };
}

const rows = ({ legend }: PointsState): string[] =>
  legend.map(({ label, count, isHidden }) => `${isHidden ? '○' : '●'} ${label} ${count}`);

describe('colours of the points', () => {
  it('begin with a label that has names, with its counts', async () => {
    const { points } = await openPoints();
    expect(points.title).toBe('Hair colour');
    expect(rows(points)).toEqual(['● dark 1', '● blond 2', '● Unknown 1']);
  });

  it('follow what is chosen: a yes or no, a number, a dimension, the split, nothing', async () => {
    const { points } = await openPoints();
    await points.colourBy({ kind: 'column', column: 'Smiling' });
    expect(rows(points)).toEqual(['● No 2', '● Yes 2']);
    expect(points.labelOf(0)?.text).toBe('Smiling');
    expect(points.labelOf(1)?.text).toBe('not smiling');
    await points.colourBy({ kind: 'column', column: 'turn' });
    expect(points.labelOf(0)).toMatchObject({ title: 'Turn', value: '−1', text: 'Turn −1' });
    await points.colourBy({ kind: 'dimension', dimension: 0 });
    expect(points.title).toBe('z0 Smile');
    expect(points.labelOf(3)).toMatchObject({ value: '2.00', text: 'z0 Smile 2.00' });
    await points.colourBy({ kind: 'split' });
    expect(rows(points)).toEqual(['● Train 3', '● Held out 1']);
    await points.colourBy({ kind: 'none' });
    expect(points.labelOf(0)).toBeUndefined();
    expect(points.colours).toHaveLength(16);
  });

  it('give a point the colour of its row of the legend', async () => {
    const { points } = await openPoints();
    expect(points.labelOf(2)).toEqual({
      title: 'Hair colour',
      value: 'blond',
      text: 'Hair colour blond',
      colour: points.colourOf(2),
    });
    expect(points.labelOf(3)?.text).toBe('Hair colour unknown');
    const blond = Number.parseInt(points.legend[1]!.colour.slice(1), 16);
    expect(points.colourOf(2)).toBe(`rgb(${blond >> 16}, ${(blond >> 8) & 255}, ${blond & 255})`);
    expect(points.colourOf(99)).toBeUndefined();
  });

  it('keep the old colours until the new ones have come, and forget those that were asked for before', async () => {
    const { points } = await openPoints();
    const first = points.colourBy({ kind: 'column', column: 'turn' });
    const second = points.colourBy({ kind: 'column', column: 'Smiling' });
    expect(points.title).toBe('Hair colour');
    await Promise.all([first, second]);
    expect(points.title).toBe('Smiling');
  });

  it('stay as they were where the new ones cannot be had', async () => {
    const { points } = await openPoints();
    const { explore } = await openExplore({
      columns: [turn],
      handlers: {
        'datasets.column': () => {
          throw new UnravelError('not-found', 'The labels have gone.');
        },
      },
    });
    const other = new PointsState(explore);
    await expect(other.open()).rejects.toThrow('The labels have gone.');
    expect(other.by).toEqual({ kind: 'none' });
    expect(points.title).toBe('Hair colour');
  });

  it('take over what the points of another run were coloured by, where it fits', async () => {
    const { explore } = await openPoints();
    const points = new PointsState(explore);
    await points.open({ kind: 'column', column: 'Smiling' });
    expect(points.title).toBe('Smiling');
    await points.open({ kind: 'column', column: 'Male' });
    expect(points.title).toBe('Hair colour');
    await points.open({ kind: 'dimension', dimension: 12 });
    expect(points.title).toBe('Hair colour');
  });
});

describe('the filter', () => {
  it('hides a group and shows it again; counts stay', async () => {
    const { points } = await openPoints();
    points.toggle(1);
    expect(rows(points)).toEqual(['● dark 1', '○ blond 2', '● Unknown 1']);
    expect(points.shownCount).toBe(2);
    expect([...points.colours!].filter((_, i) => i % 4 === 3)).toEqual([255, 0, 0, 255]);
    points.toggle(1);
    expect(points.shownCount).toBe(4);
  });

  it('never leaves nothing to see: hiding the last group shows all', async () => {
    const { points } = await openPoints();
    points.toggle(0);
    points.toggle(1);
    points.toggle(2);
    expect(points.shownCount).toBe(4);
  });

  it('begins anew with other colours', async () => {
    const { points } = await openPoints();
    points.toggle(0);
    await points.colourBy({ kind: 'split' });
    expect(points.shownCount).toBe(4);
  });
});
