import type { MenuItemConstructorOptions } from 'electron';
import type { EventPayload } from '../contract/events.ts';
import { VIEWS } from '../contract/views.ts';

/** A command that the menu sends to the window. */
export type Command = EventPayload<'command'>;

/** What the menu depends on. */
export interface MenuOptions {
  readonly platform: NodeJS.Platform;
  /** Whether the menu offers reloading and the developer tools. */
  readonly isDevelopment: boolean;
  /** Sends a command to the window. */
  readonly command: (command: Command) => void;
}

/** The application's menu, with the shortcuts that each platform has for it. */
export function menuTemplate({
  platform,
  isDevelopment,
  command,
}: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const item = (label: string, key: string, sent: Command): MenuItemConstructorOptions => ({
    label,
    accelerator: `CmdOrCtrl+${key}`,
    click: () => command(sent),
  });
  const settings = item('Settings…', ',', { command: 'settings' });
  const line: MenuItemConstructorOptions = { type: 'separator' };

  const mac: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      line,
      settings,
      line,
      { role: 'services' },
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  };
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      item('Open…', 'O', { command: 'open' }),
      item('Export…', 'E', { command: 'export' }),
      line,
      ...(isMac ? [{ role: 'close' } as const] : [settings, line, { role: 'quit' } as const]),
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      line,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
      line,
      item('Search…', 'F', { command: 'search' }),
    ],
  };
  const development: MenuItemConstructorOptions[] = [
    { role: 'reload' },
    { role: 'forceReload' },
    { role: 'toggleDevTools' },
    line,
  ];
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      ...VIEWS.map(({ id, title, key }) => item(title, key, { command: 'view', view: id })),
      line,
      item('Presentation', 'Shift+P', { command: 'present' }),
      line,
      ...(isDevelopment ? development : []),
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      line,
      { role: 'togglefullscreen' },
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    submenu: [
      item('Tour of the Window', 'Shift+T', { command: 'tour' }),
      item('Glossary', 'Shift+G', { command: 'glossary' }),
      item('Keyboard Shortcuts', '/', { command: 'keys' }),
      ...(isMac ? [] : [line, { role: 'about' } as const]),
    ],
  };
  return [...(isMac ? [mac] : []), file, edit, view, { role: 'windowMenu' }, help];
}
