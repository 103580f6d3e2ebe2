import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
  type MessageBoxOptions,
} from 'electron';
import { errorPayload, inOneLine } from '../contract/errors.ts';
import { Host } from '../host/host.ts';
import { nativeDialogs } from './dialogs.ts';
import type { Folders } from './folders.ts';
import { MainWindow } from './main-window.ts';
import { menuTemplate, type Command } from './menu.ts';
import { setupNetwork, setupPages } from './pages.ts';
import { setupPorts } from './ports.ts';
import { utilityProcesses } from './processes.ts';
import { Quitting } from './quitting.ts';
import { setupContents, setupPermissions } from './security.ts';
import { inspect } from 'node:util';
import { shownLines } from '../contract/shown-text.ts';

const isMac = process.platform === 'darwin';

/** The options of the application. */
export interface DesktopOptions {
  readonly folders: Folders;
  readonly workspace: string;
}

/** The desktop application: it connects the host, the window and the operating system. */
export class Desktop {
  readonly #options: DesktopOptions;
  readonly #window: MainWindow;
  readonly #host: Promise<Host>;
  readonly #quitting: Quitting;

  constructor(options: DesktopOptions) {
    this.#options = options;
    this.#window = new MainWindow({
      make: (windowOptions) => new BrowserWindow(windowOptions),
      screens: () => [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea),
      isDark: () => nativeTheme.shouldUseDarkColors,
      placeFile: join(app.getPath('userData'), 'window.json'),
      preload: options.folders.preload,
      isDevelopment: !app.isPackaged,
      onBroken: () => void this.#askAboutCrashes(),
    });
    setupContents(app);
    this.#host = app.whenReady().then(() => this.#startHost());
    this.#quitting = new Quitting(app, this.#host, {
      ask: (dialogOptions) => this.#ask(dialogOptions),
      hideWindow: () => this.#window.hide(),
    });
    this.#setupQuitting();
    // macOS sends files that were dropped on the icon, before or after the start.
    app.on('open-file', (event, path) => {
      event.preventDefault();
      this.open([path]);
    });
    this.#host.then(
      (host) => this.#setupWindow(host),
      (error: unknown) => {
        dialog.showErrorBox('Unravel could not be started', inOneLine(errorPayload(error)));
        app.exit(1);
      },
    );
  }

  /** Shows the window, and offers to import the sources that exist. */
  open(sources: readonly string[]): void {
    this.#host.then(
      (host) => {
        this.#window.show();
        const there = sources.filter((path) => existsSync(path));
        if (there.length > 0) host.open(there);
      },
      // The constructor reports why the host could not be started.
      () => undefined,
    );
  }

  #startHost(): Promise<Host> {
    const { folders, workspace } = this.#options;
    return Host.start({
      startProcess: utilityProcesses((...args) => utilityProcess.fork(...args), folders.entries),
      workspace,
      door: 'electron',
      version: app.getVersion(),
      platform: nativeDialogs({ dialog, shell, app }, () => this.#window.current),
      onTrouble: (error) => console.error(shownLines(inspect(error))),
    });
  }

  #setupWindow(host: Host): void {
    setupPages(protocol, this.#options.folders.pages);
    setupNetwork(session.defaultSession);
    setupPermissions(session.defaultSession);
    setupPorts(ipcMain, () => new MessageChannelMain(), {
      connect: (port) => host.connect(port),
      grantSource: (paths) => host.grantSource(paths),
    });
    const command = (sent: Command): void => {
      this.#window.show();
      host.emit('command', sent);
    };
    const template = menuTemplate({ platform: process.platform, isDevelopment: !app.isPackaged, command });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
    app.on('activate', () => this.#window.show());
  }

  /** Handles everything that ends the application: closing the window, shutting down, and signals. */
  #setupQuitting(): void {
    this.#quitting.setup();
    // On macOS the application stays open without a window. Elsewhere closing the window quits, see below.
    app.on('window-all-closed', () => undefined);
    this.#window.onClose = (event) => {
      if (isMac || this.#quitting.isUnderWay) return;
      event.preventDefault();
      app.quit();
    };
    const endAtOnce = (): void => void this.#quitting.quit({ mayAsk: false });
    void app.whenReady().then(() => powerMonitor.on('shutdown', endAtOnce));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAtOnce);
  }

  async #askAboutCrashes(): Promise<void> {
    const answer = await this.#ask({
      type: 'error',
      message: 'The window has crashed several times within a minute.',
      detail: 'Trainings and other jobs continue. Load the window again, or quit Unravel and restart it.',
      buttons: ['Load again', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    if (answer === 0) this.#window.reload();
    else app.quit();
  }

  async #ask(options: MessageBoxOptions): Promise<number> {
    const { current } = this.#window;
    const { response } = await (current
      ? dialog.showMessageBox(current, options)
      : dialog.showMessageBox(options));
    return response;
  }
}
