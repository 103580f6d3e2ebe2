// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnravelError } from '../../../src/contract/errors.ts';
import SearchSheet from '../../../src/renderer/shell/SearchSheet.svelte';
import { held, passed } from '../held.ts';
import { renderInWindow } from '../render-in-window.ts';
import { aDataset, aRun, makeApp } from '../small-app.ts';

afterEach(cleanup);

/** The sheet over two data sets; searches wait, and find `<text>.jpg`. */
async function open() {
  const searches = held(({ dataset, text }: { dataset: string; text: string }) => [
    { index: 7, name: `${dataset} ${text}.jpg` },
  ]);
  const { app } = await makeApp({
    'datasets.list': () => [
      aDataset({ id: 'one', name: 'faces one' }),
      aDataset({ id: 'two', name: 'faces two' }),
    ],
    'runs.list': () => [
      aRun({ id: 'run-2', name: 'a second VAE', dataset: { id: 'one', name: 'one', images: 8 } }),
      aRun({ id: 'run-1', name: 'a smiling VAE', dataset: { id: 'one', name: 'one', images: 8 } }),
      aRun({ id: 'run-0', name: 'a VAE without an epoch', epoch: 0 }),
    ],
    'datasets.search': searches.handler,
  });
  const onclose = vi.fn();
  const { rerender } = renderInWindow(app, SearchSheet, { open: true, onclose });
  const type = async (text: string): Promise<void> => {
    await fireEvent.input(screen.getByRole('combobox'), { target: { value: text } });
    await passed();
  };
  const items = (): string[] => screen.queryAllByRole('option').map((item) => item.textContent.trim());
  return { app, searches, onclose, rerender, type, items };
}

describe('SearchSheet', () => {
  it('lists runs and data sets at once, and images as soon as they are found', async () => {
    const { type, items, searches } = await open();
    await type('smil');
    expect(items()).toEqual([expect.stringContaining('a smiling VAE')]);
    await searches.answer(0);
    expect(items()[0]).toBe('one smil.jpg');
  });

  it('shows what was typed last, and nothing that was found for less', async () => {
    const { type, items, searches } = await open();
    await type('x');
    await type('xy');
    await searches.answer(0);
    expect(items()).toEqual([]);
    await searches.answer(1);
    expect(items()).toEqual(['one xy.jpg']);
  });

  it('shows no images of a data set that is not chosen any more', async () => {
    const { app, type, items, searches } = await open();
    await type('x');
    await searches.answer(0);
    expect(items()).toEqual(['one x.jpg']);
    app.chooseDataset('two');
    flushSync();
    await passed();
    expect(items()).toEqual([]);
    await searches.answer(1);
    expect(items()).toEqual(['two x.jpg']);
  });

  it('says nothing of a search that nobody waits for any more', async () => {
    const { app, type, searches } = await open();
    await type('x');
    await type('');
    await searches.refuse(0, new UnravelError('native', 'The engine is busy.'));
    expect(app.toasts.list).toEqual([]);
    await type('y');
    await searches.refuse(1, new UnravelError('native', 'The engine is busy.'));
    expect(app.toasts.list).toMatchObject([{ message: 'The engine is busy.' }]);
  });

  it('asks and shows nothing while it is closed', async () => {
    const { type, searches, rerender, onclose } = await open();
    await type('x');
    await rerender({ given: { open: false, onclose } });
    await searches.answer(0);
    await rerender({ given: { open: true, onclose } });
    await passed();
    expect(searches.asked).toHaveLength(2);
    expect(screen.queryByText('one x.jpg')).toBeNull();
  });

  it('goes to the image that is chosen, and closes', async () => {
    const { app, type, searches, onclose } = await open();
    await type('x');
    await searches.answer(0);
    await fireEvent.click(screen.getByText('one x.jpg'));
    expect(app.target).toEqual({ dataset: 'one', index: 7 });
    expect(app.view).toBe('explore');
    expect(onclose).toHaveBeenCalledOnce();
  });

  it('hides what was found for less while more is searched for', async () => {
    const { type, items, searches } = await open();
    await type('x');
    await searches.answer(0);
    expect(items()).toEqual(['one x.jpg']);
    await type('xy');
    expect(items()).toEqual([]);
  });

  it('lists no run that has nothing to show yet', async () => {
    const { type, items } = await open();
    await type('vae');
    expect(items()).toEqual([
      expect.stringContaining('a second VAE'),
      expect.stringContaining('a smiling VAE'),
    ]);
  });

  it('shows the run that is chosen in Explore, and begins anew when it is opened again', async () => {
    const { app, type, onclose, rerender } = await open();
    app.view = 'data';
    expect(app.run?.id).toBe('run-2');
    await type('smil');
    await fireEvent.click(screen.getByText('a smiling VAE'));
    expect(app.run?.id).toBe('run-1');
    expect(app.view).toBe('explore');
    expect(onclose).toHaveBeenCalledOnce();
    await rerender({ given: { open: false, onclose } });
    await rerender({ given: { open: true, onclose } });
    expect(screen.getByRole<HTMLInputElement>('combobox').value).toBe('');
  });

  it('shows the data set that is chosen in Data', async () => {
    const { app, type, onclose } = await open();
    await type('two');
    await fireEvent.click(screen.getByText('faces two'));
    expect(app.dataset?.id).toBe('two');
    expect(app.view).toBe('data');
    expect(onclose).toHaveBeenCalledOnce();
  });

  it('says where nothing has the text in its name', async () => {
    const { type } = await open();
    await type('nowhere');
    expect(screen.getByText('Nothing has “nowhere” in its name.')).toBeTruthy();
  });
});
