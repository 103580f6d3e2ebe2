import type { MenuItemConstructorOptions } from 'electron';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { events } from '../../src/contract/events.ts';
import { VIEWS } from '../../src/contract/views.ts';
import { menuTemplate, type Command } from '../../src/main/menu.ts';

function items(
  platform: NodeJS.Platform,
  isDevelopment = false,
): { all: MenuItemConstructorOptions[]; sent: Command[] } {
  const sent: Command[] = [];
  const menu = menuTemplate({ platform, isDevelopment, command: (command) => void sent.push(command) });
  return { all: menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : [])), sent };
}

describe('the menu', () => {
  it.each(['linux', 'win32', 'darwin'] as const)(
    'on %s sends every command under its own shortcut',
    (platform) => {
      const { all, sent } = items(platform);
      const own = all.filter(({ click }) => click);
      for (const { click } of own) (click as () => void)();
      const byName = (a: Command, b: Command): number => JSON.stringify(a).localeCompare(JSON.stringify(b));
      expect(sent.toSorted(byName)).toEqual(
        [
          ...(['export', 'glossary', 'keys', 'open', 'present', 'search', 'settings', 'tour'] as const).map(
            (command) => ({ command }),
          ),
          ...VIEWS.map(({ id }) => ({ command: 'view', view: id }) as const),
        ].toSorted(byName),
      );
      for (const command of sent) expect(v.is(events.command, command)).toBe(true);
      const accelerators = own.map(({ accelerator }) => accelerator);
      expect(new Set(accelerators).size).toBe(own.length);
      expect(own.find(({ label }) => label === 'Open…')?.accelerator).toBe('CmdOrCtrl+O');
    },
  );

  it('names the views in the order of their tabs, each with the key that shows it in the window', () => {
    const views = items('linux').all.filter(({ label }) => VIEWS.some(({ title }) => title === label));
    expect(views.map(({ label, accelerator }) => [label, accelerator])).toEqual(
      VIEWS.map(({ title, key }) => [title, `CmdOrCtrl+${key}`]),
    );
  });

  it('has an application menu on macOS, and Quit in the File menu elsewhere', () => {
    const roles = (platform: NodeJS.Platform): unknown[] => items(platform).all.map(({ role }) => role);
    for (const platform of ['linux', 'darwin'] as const) {
      expect(roles(platform).filter((role) => role === 'quit')).toHaveLength(1);
      expect(roles(platform)).toEqual(
        expect.arrayContaining(['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll']),
      );
    }
    expect(roles('darwin')).toContain('hideOthers');
    expect(roles('linux')).not.toContain('hideOthers');
  });

  it('has reloading and developer tools in development only', () => {
    const hidden = ['reload', 'forceReload', 'toggleDevTools'];
    const shown = (isDevelopment: boolean): unknown[] =>
      items('linux', isDevelopment).all.map(({ role }) => role);
    expect(shown(true)).toEqual(expect.arrayContaining(hidden));
    for (const role of hidden) expect(shown(false)).not.toContain(role);
  });
});
