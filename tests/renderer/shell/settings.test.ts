// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { makeApp, settled } from '../small-app.ts';
import SettingsInWindow from './SettingsInWindow.svelte';

afterEach(cleanup);

it("opens the settings when the application's menu asks for them", async () => {
  const { app, emit } = await makeApp();
  render(SettingsInWindow, { app });
  await settled(20);
  expect(screen.queryByRole('heading', { name: 'Settings' })).toBeNull();
  emit('command', { command: 'settings' });
  await settled(50);
  screen.getByRole('heading', { name: 'Settings' });
});
