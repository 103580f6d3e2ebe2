// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import DataView from '../../../src/renderer/views/data/DataView.svelte';
import EntryList from '../../../src/renderer/views/train/EntryList.svelte';
import { TrainState } from '../../../src/renderer/views/train/state/train.svelte.ts';
import { renderInWindow } from '../render-in-window.ts';
import { makeApp, settled } from '../small-app.ts';

afterEach(cleanup);

const item = { id: 'mine', reason: 'Could not read mine/run.json: it is not JSON, or was cut off.' };

/** A window over a workspace with one damaged thing, which is gone once it is removed. */
async function show(kind: 'datasets' | 'runs') {
  const removed: unknown[] = [];
  const remove = (input: unknown): object => {
    removed.push(input);
    return {};
  };
  const listed = () => (removed.length ? [] : [item]);
  const { app, emit } = await makeApp({
    [`${kind}.damaged`]: listed,
    'datasets.remove': remove,
    'runs.remove': remove,
  });
  if (kind === 'runs') renderInWindow(app, EntryList, { train: new TrainState(app) });
  else renderInWindow(app, DataView, {});
  await settled();
  return { app, emit, removed };
}

describe.each([
  { kind: 'datasets', list: 'Data sets', input: { dataset: 'mine' } },
  { kind: 'runs', list: 'Trainings', input: { run: 'mine' } },
] as const)('one of the $kind that is damaged', ({ kind, list, input }) => {
  it('is listed with what is wrong, also where there is no other', async () => {
    await show(kind);
    const card = within(screen.getByRole('complementary', { name: list })).getByRole('listitem');
    expect(card.textContent).toContain('mine');
    expect(card.textContent).toContain(item.reason);
  });

  it('is removed once a person has confirmed, and leaves the list', async () => {
    const { removed } = await show(kind);
    await fireEvent.click(screen.getByRole('button', { name: 'Remove mine' }));
    await settled();
    expect(removed).toEqual([]);
    await fireEvent.click(screen.getByRole('button', { name: 'Remove' }));
    await settled();
    expect(removed).toEqual([input]);
    expect(screen.queryByText(item.reason)).toBeNull();
  });
});

it('the list of damaged things follows the workspace', async () => {
  const listed: (typeof item)[] = [];
  const { app, emit } = await makeApp({ 'runs.damaged': () => [...listed] });
  expect(app.library.damaged.runs).toEqual([]);
  listed.push(item);
  emit('runs.changed', {});
  await settled();
  expect(app.library.damaged.runs).toEqual([item]);
});
