// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { passed } from '../held.ts';
import { makeApp } from '../small-app.ts';
import SettingsInWindow from './SettingsInWindow.svelte';

afterEach(cleanup);

it("opens the settings when the application's menu asks for them", async () => {
  const { app, emit } = await makeApp();
  render(SettingsInWindow, { app });
  await passed();
  expect(screen.queryByRole('heading', { name: 'Settings' })).toBeNull();
  emit('command', { command: 'settings' });
  await screen.findByRole('heading', { name: 'Settings' }, { timeout: 10_000 });
});
