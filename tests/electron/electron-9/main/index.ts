/**
 * What main sees as `electron` in Electron 9: its own module, and what the product uses that is newer. Only the
 * tests' build for that Electron resolves `electron` to this file.
 */
import '../polyfills.ts';
import './globals.ts';
import { app, BrowserWindow as OldBrowserWindow, protocol as oldProtocol } from 'electron';
import { modernize } from './contents.ts';
import { addHandle } from './protocol.ts';

export {
  app,
  clipboard,
  dialog,
  Menu,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  powerMonitor,
  screen,
  session,
  shell,
} from 'electron';
export { ipcMain } from './ipc.ts';
export { net } from './net.ts';
export { utilityProcess } from './utility-process.ts';

Object.assign(app, { allowRendererProcessReuse: true });
// Electron shows it in a dialog, which nobody would close.
process.on('uncaughtException', (error) => {
  console.error('A JavaScript error occurred in the main process', error);
  app.exit(70);
});
app.on('web-contents-created', (_event, contents) => modernize(contents));

export const protocol = addHandle(oldProtocol);

/** With the defaults that Electron has had since 20. */
export class BrowserWindow extends OldBrowserWindow {
  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    const webPreferences = {
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      enableRemoteModule: false,
      worldSafeExecuteJavaScript: true,
      ...options.webPreferences,
    };
    super({ ...options, webPreferences });
  }
}
