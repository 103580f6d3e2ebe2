// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import SettingsPopover from '../../../src/renderer/shell/SettingsPopover.svelte';
import { passed } from '../held.ts';
import { renderInWindow } from '../render-in-window.ts';
import { makeApp } from '../small-app.ts';

afterEach(cleanup);

it("opens the settings when the application's menu asks for them", async () => {
  const { app, emit } = await makeApp();
  renderInWindow(app, SettingsPopover, {});
  await passed();
  expect(screen.queryByRole('heading', { name: 'Settings' })).toBeNull();
  emit('command', { command: 'settings' });
  await screen.findByRole('heading', { name: 'Settings' }, { timeout: 10_000 });
});
