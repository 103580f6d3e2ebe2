// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Source } from '../../../src/contract/operations/sources.ts';
import { UnravelError } from '../../../src/contract/errors.ts';
import DropTarget from '../../../src/renderer/shell/DropTarget.svelte';
import { fakeEntry } from '../state/fake-entries.ts';
import { held, passed } from '../held.ts';
import { renderInWindow } from '../render-in-window.ts';
import { makeApp } from '../small-app.ts';
import { eventually } from '../../fixtures/eventually.ts';

const SOURCE = { source: 'source-0123456789abcdef', name: 'faces' };

afterEach(() => {
  cleanup();
  delete (window as { unravel?: unknown }).unravel;
});

/** Drags something over the window; returns whether the page took it. */
function drag(type: string, { types = ['Files'], ...transfer }: Record<string, unknown> = {}): boolean {
  const event = new Event(type, { bubbles: true, cancelable: true });
  Object.assign(event, { dataTransfer: { types, items: [], files: [], ...transfer } });
  window.dispatchEvent(event);
  flushSync();
  return event.defaultPrevented;
}

const isOffered = (): boolean => screen.queryByText('Drop to open') !== null;

describe('DropTarget in a browser', () => {
  async function open() {
    const uploads = held(() => SOURCE);
    const opened = await makeApp({ 'sources.upload': uploads.handler, 'sources.add': () => ({}) });
    renderInWindow(opened.app, DropTarget, {});
    return { ...opened, uploads };
  }

  it('shows that files can be dropped while they are over the window, over its parts too', async () => {
    await open();
    expect(isOffered()).toBe(false);
    expect(drag('dragenter')).toBe(true);
    // Into a part of the page: the part is entered before the page around it is left.
    drag('dragenter');
    drag('dragleave');
    expect(isOffered()).toBe(true);
    expect(drag('dragover')).toBe(true);
    drag('dragleave');
    expect(isOffered()).toBe(false);
  });

  it('shows it again after files were left that were never entered', async () => {
    await open();
    drag('dragleave');
    drag('dragenter');
    expect(isOffered()).toBe(true);
  });

  it('stops an upload where a person cancels it', async () => {
    const { app, uploads } = await open();
    drag('drop', { items: [{ webkitGetAsEntry: () => fakeEntry('faces', { 'a.jpg': 10 }) }] });
    await eventually(() => expect(uploads.asked).toHaveLength(1));
    screen.getByRole('button', { name: 'Cancel' }).click();
    flushSync();
    expect(screen.queryByText('Sending faces')).toBeNull();
    await uploads.answer(0);
    expect(app.source).toBeUndefined();
  });

  it('leaves a dragged text alone', async () => {
    await open();
    const text = { types: ['text/plain'] };
    for (const type of ['dragenter', 'dragover', 'drop']) expect(drag(type, text)).toBe(false);
    expect(isOffered()).toBe(false);
  });

  it('sends what was dropped, says how far it is, and opens its sheet', async () => {
    const { app, uploads } = await open();
    drag('dragenter');
    const entry = fakeEntry('faces', { 'a.jpg': 10 });
    drag('drop', { items: [{ webkitGetAsEntry: () => entry }, { webkitGetAsEntry: () => null }] });
    expect(isOffered()).toBe(false);
    expect(screen.getByText('Sending faces')).toBeTruthy();
    await eventually(() => expect(uploads.asked).toHaveLength(1));
    await uploads.answer(0);
    await eventually(() => expect(app.source).toEqual(SOURCE));
    await eventually(() => expect(screen.queryByText('Sending faces')).toBeNull());
  });
});

describe('DropTarget in Electron', () => {
  async function open() {
    const grants = held(([file]: readonly File[]): Source | null =>
      file ? { ...SOURCE, name: file.name } : null,
    );
    Object.assign(window, { unravel: { door: 'electron', grantDropped: grants.handler } });
    const opened = await makeApp({}, { door: 'electron' });
    renderInWindow(opened.app, DropTarget, {});
    return { ...opened, grants };
  }
  const dropped = (name: string): boolean => drag('drop', { files: [new File([], name)] });

  it('opens the sheet of what was dropped', async () => {
    const { app, grants } = await open();
    expect(dropped('faces')).toBe(true);
    await grants.answer(0);
    expect(app.source?.name).toBe('faces');
  });

  it('opens what was dropped last, although the grant of what was dropped before comes later', async () => {
    const { app, grants } = await open();
    dropped('first');
    dropped('second');
    await grants.answer(1);
    await grants.answer(0);
    expect(app.source?.name).toBe('second');
  });

  it('says why something cannot be opened, unless something else was dropped meanwhile', async () => {
    const { app, grants } = await open();
    const refused = new UnravelError('not-found', 'The folder has gone.');
    dropped('first');
    dropped('second');
    await grants.refuse(0, refused);
    expect(app.toasts.list).toEqual([]);
    await grants.refuse(1, refused);
    expect(app.toasts.list).toMatchObject([{ message: 'The folder has gone.' }]);
  });

  it('opens the system’s dialog where the menu asks for it', async () => {
    const chosen = held((): Source => SOURCE);
    Object.assign(window, { unravel: { door: 'electron' } });
    const { app, emit } = await makeApp({ 'sources.choose': chosen.handler }, { door: 'electron' });
    renderInWindow(app, DropTarget, {});
    emit('command', { command: 'open' });
    await passed();
    expect(chosen.asked).toEqual([{ what: 'folder' }]);
    await chosen.answer(0);
    expect(app.source).toEqual(SOURCE);
  });
});
