// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import type { MenuItemConstructorOptions } from 'electron';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VIEWS } from '../../src/contract/views.ts';
import { menuTemplate } from '../../src/main/menu.ts';
import App from '../../src/renderer/App.svelte';
import { passed } from './held.ts';
import { fakeCanvases } from './scene/fake-canvas.ts';
import { makeApp } from './small-app.ts';

beforeEach(() => {
  fakeCanvases();
});
afterEach(cleanup);

/** The window over an empty workspace, and the menu that is joined to it as the host joins them. */
async function open() {
  const { app, emit } = await makeApp();
  const menu = menuTemplate({
    platform: 'linux',
    isDevelopment: false,
    command: (command) => emit('command', command),
  });
  render(App, { app });
  await passed();
  flushSync();
  const items = menu.flatMap(({ submenu }) => (submenu as MenuItemConstructorOptions[] | undefined) ?? []);
  const choose = async (label: string): Promise<void> => {
    (items.find((item) => item.label === label)!.click as () => void)();
    await passed();
    flushSync();
  };
  const tabs = (): HTMLElement[] =>
    within(screen.getByRole('navigation', { name: 'Views' })).getAllByRole('button', { name: /\w/ });
  return { app, choose, tabs };
}

/** Every view but one, and that one last, so that each is really gone to. */
const elsewhere = (id: string) => VIEWS.find((view) => view.id !== id)!.id;

describe('the views of the window', () => {
  it('each have a tab with an icon, in their order, which shows them', async () => {
    const { app, tabs } = await open();
    const own = tabs().slice(0, VIEWS.length);
    expect(own.map(({ textContent, title }) => [textContent.trim(), title])).toEqual(
      VIEWS.map(({ title, key }) => [title, `${title} (${key})`]),
    );
    for (const [i, { id }] of VIEWS.entries()) {
      app.view = elsewhere(id);
      expect(own[i]!.querySelector('svg')).not.toBeNull();
      await fireEvent.click(own[i]!);
      expect(app.view).toBe(id);
      expect(own[i]!.getAttribute('aria-current')).toBe('page');
    }
  });

  it.each(VIEWS)('$title is shown by its key and by its entry in the menu', async ({ id, title, key }) => {
    const { app, choose } = await open();
    const isShown = (): boolean =>
      [...document.querySelectorAll('main')].filter(({ classList }) => !classList.contains('hidden'))
        .length === 1 && app.view === id;
    app.view = elsewhere(id);
    flushSync();
    await fireEvent.keyDown(document.body, { key });
    expect(isShown()).toBe(true);
    app.view = elsewhere(id);
    flushSync();
    await choose(title);
    expect(isShown()).toBe(true);
  });

  it('keep Explore mounted all the time, and Compare once it was shown', async () => {
    const { app } = await open();
    const mounted = (): number => document.querySelectorAll('main').length;
    app.view = 'data';
    flushSync();
    expect(mounted()).toBe(2);
    app.view = 'compare';
    flushSync();
    expect(mounted()).toBe(2);
    app.view = 'measure';
    flushSync();
    expect(mounted()).toBe(3);
  });
});

describe('the menu', () => {
  it('opens the search and the list of keys', async () => {
    const { choose } = await open();
    await choose('Search…');
    screen.getByRole('dialog', { name: 'Search' });
    await fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
    await choose('Keyboard Shortcuts');
    const keys = await screen.findByRole('dialog', { name: 'Keys' }, { timeout: 10_000 });
    for (const { title } of VIEWS) within(keys).getByText(`Go to ${title}`);
  });
});
