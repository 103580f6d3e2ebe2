import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
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
      expect([...sent].sort()).toEqual(
        [
          'export',
          'keys',
          'open',
          'search',
          'settings',
          'view-1',
          'view-2',
          'view-3',
          'view-4',
          'view-5',
        ].sort(),
      );
      const accelerators = own.map(({ accelerator }) => accelerator);
      expect(new Set(accelerators).size).toBe(own.length);
      expect(own.find(({ label }) => label === 'Open…')?.accelerator).toBe('CmdOrCtrl+O');
    },
  );

  it("has each platform's own ends: an application menu on macOS, Quit under File elsewhere", () => {
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

  it('reloads and looks inside in development only', () => {
    const hidden = ['reload', 'forceReload', 'toggleDevTools'];
    const shown = (isDevelopment: boolean): unknown[] =>
      items('linux', isDevelopment).all.map(({ role }) => role);
    expect(shown(true)).toEqual(expect.arrayContaining(hidden));
    for (const role of hidden) expect(shown(false)).not.toContain(role);
  });
});
