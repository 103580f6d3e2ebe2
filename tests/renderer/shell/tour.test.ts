// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import type { MenuItemConstructorOptions } from 'electron';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { menuTemplate } from '../../../src/main/menu.ts';
import App from '../../../src/renderer/App.svelte';
import { TOUR_STEPS } from '../../../src/renderer/state/tour-steps.ts';
import { passed } from '../held.ts';
import { fakeCanvases } from '../scene/fake-canvas.ts';
import { aDataset, aRun, makeApp } from '../small-app.ts';

beforeEach(() => {
  localStorage.clear();
  fakeCanvases();
});
afterEach(() => {
  cleanup();
  localStorage.clear();
});

/** A window whose page has no layout: nothing that the tour points at is seen. */
async function open() {
  const { app, emit } = await makeApp();
  render(App, { app });
  await passed();
  flushSync();
  const items = menuTemplate({
    platform: 'linux',
    isDevelopment: false,
    command: (command) => emit('command', command),
  }).flatMap(({ submenu }) => (submenu as MenuItemConstructorOptions[] | undefined) ?? []);
  const choose = async (label: string): Promise<void> => {
    (items.find((item) => item.label === label)!.click as () => void)();
    await passed();
    flushSync();
  };
  return { app, choose };
}

describe('the tour', () => {
  it('has five steps of one or two sentences', () => {
    expect(TOUR_STEPS).toHaveLength(5);
    for (const { text, missing } of TOUR_STEPS) {
      for (const words of [text, missing]) expect(words.match(/[.]( |$)/g)!.length).toBeLessThanOrEqual(2);
    }
  });

  it('is begun by the menu of the app, and says of each step that it is not there where it is not', async () => {
    const { app, choose } = await open();
    app.view = 'measure';
    await choose('Tour of the Window');
    for (const [i, { title, missing, view }] of TOUR_STEPS.entries()) {
      await screen.findByText(title, {}, { timeout: 10_000 });
      expect(app.view).toBe(view);
      screen.getByText(`Tour, step ${i + 1} of 5`);
      screen.getByText(missing);
      expect(document.querySelector('.spot')).toBeNull();
      await fireEvent.click(screen.getByRole('button', { name: /^(Next|Done)$/ }));
    }
    expect(app.tour.step).toBeUndefined();
    expect(app.view).toBe('measure');
  });

  it('goes back a step, and not before the first', async () => {
    const { app } = await open();
    app.tour.start();
    app.tour.next();
    app.tour.back();
    app.tour.back();
    expect(app.tour.step).toBe(TOUR_STEPS[0]);
  });

  it('is offered in the first window of a person only', async () => {
    const { app } = await open();
    screen.getByRole('button', { name: 'Take the tour' });
    cleanup();
    expect(app.tour.isOffered).toBe(true);
    const later = await open();
    expect(later.app.tour.isOffered).toBe(false);
    expect(screen.queryByRole('button', { name: 'Take the tour' })).toBeNull();
  });
});

describe('the presentation', () => {
  it('says that there is nothing to present where there is not', async () => {
    const { app, choose } = await open();
    await choose('Presentation');
    expect(app.presentation.isOn).toBe(false);
    expect(app.toasts.list.map(({ message }) => message)).toEqual([
      'There is nothing to present yet. A presentation shows a trained model and its images.',
    ]);
  });

  it('shows Explore, and ends with another view or the tour; the theme is the chosen one again', async () => {
    const { app } = await makeApp({ 'datasets.list': () => [aDataset()], 'runs.list': () => [aRun()] });
    render(App, { app });
    await passed();
    const { ink } = app.theme.palette;
    app.view = 'data';
    await fireEvent.keyDown(document.body, { key: 'p' });
    expect([app.presentation.isOn, app.view, app.theme.name]).toEqual([true, 'explore', 'light']);
    expect(screen.queryByRole('navigation', { name: 'Views' })).toBeNull();
    app.view = 'train';
    flushSync();
    expect([app.presentation.isOn, app.theme.palette.ink]).toEqual([false, ink]);
    app.presentation.start();
    app.tour.start();
    expect(app.presentation.isOn).toBe(false);
  });
});

describe('the glossary', () => {
  it('is opened by the menu of the app', async () => {
    const { choose } = await open();
    await choose('Glossary');
    await screen.findByRole('dialog', { name: 'Glossary' }, { timeout: 10_000 });
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'nothing like it' } });
    screen.getByText('No term matches “nothing like it”.');
  });
});
