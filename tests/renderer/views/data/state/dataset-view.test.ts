import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../../../../src/contract/client.ts';
import { portPair } from '../../../../../src/contract/port.ts';
import { serve } from '../../../../../src/contract/serve.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { Selection } from '../../../../../src/renderer/state/selection.svelte.ts';
import { DatasetView } from '../../../../../src/renderer/views/data/state/dataset-view.svelte.ts';
import { aDataset, settled } from '../../../small-app.ts';

const fail = (error: unknown): void => {
  throw error;
};

/** As in a window, all views of a test have the same. */
const selection = new Selection();

function opened(id: string, target?: number): DatasetView {
  const [near, far] = portPair();
  serve(far, {
    'datasets.names': ({ indices }: { indices: number[] }) => indices.map((index) => `${index}.jpg`),
    'datasets.column': ({ column }: { column: string }) =>
      tensor(
        'f32',
        [6],
        Float32Array.from(column === 'Smiling' ? [0, 1, 1, 0, 1, Number.NaN] : [0, 0, 1, 1, 2, 2]),
      ),
  });
  const dataset = aDataset({
    id,
    images: 6,
    columns: [
      { name: 'Smiling', type: 'binary', factor: false },
      { name: 'folder', type: 'categorical', categories: ['a', 'b', 'c'], factor: false },
    ],
  });
  return new DatasetView(createClient(near), dataset, fail, { target, selection });
}

describe('DatasetView', () => {
  it('shows every image until it is filtered', () => {
    const view = opened('all');
    expect(view.count).toBe(6);
    expect(view.indexAt(4)).toBe(4);
  });

  it('shows the images with a value, and finds theirs behind a position', async () => {
    const view = opened('filtered');
    await view.filterBy('Smiling');
    flushSync();
    expect(view.filter!.value).toBe(1);
    expect(view.count).toBe(3);
    expect([0, 1, 2].map((position) => view.indexAt(position))).toEqual([1, 2, 4]);
    await view.filterBy('folder', 2);
    expect(view.count).toBe(2);
    view.showAll();
    expect(view.count).toBe(6);
  });

  it('tells of the image that is pointed at, or else of the one with the keyboard', async () => {
    const view = opened('names');
    await settled();
    view.focus(1);
    view.nameCurrent();
    await settled();
    expect(view.name).toBe('1.jpg');
    expect(view.description).toBe('Smiling, folder a');
    view.hovered = 4;
    view.nameCurrent();
    await settled();
    expect(view.name).toBe('4.jpg');
    expect(view.description).toBe('Smiling, folder c');
  });

  it('comes back to the place that was left, by image and not by position', async () => {
    const view = opened('again');
    await view.filterBy('Smiling');
    view.focus(2);
    view.close();
    expect(opened('again').focused).toBe(4);
    expect(opened('another').focused).toBe(0);
  });

  it('begins at the image that was pinned since', () => {
    const view = opened('pinned');
    view.focus(1);
    selection.pin('pinned', 5);
    expect(opened('pinned').focused).toBe(5);
  });

  it('begins at the image that another view asked for, and marks it until one moves on', () => {
    const view = opened('again', 3);
    expect(view.focused).toBe(3);
    expect(view.isMarked).toBe(true);
    view.focus(2);
    expect(view.isMarked).toBe(false);
  });
});
