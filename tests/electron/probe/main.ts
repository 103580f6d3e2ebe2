import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { app, BrowserWindow, ipcMain, MessageChannelMain, protocol, utilityProcess } from 'electron';

/**
 * The smallest app with all that the product uses of Electron: it shows that the harness, and for an old Electron
 * the stand-ins, carry it, apart from the product itself.
 */
protocol.registerSchemesAsPrivileged([{ scheme: 'probe', privileges: { standard: true, secure: true } }]);

const here = __dirname;
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

void app.whenReady().then(async () => {
  protocol.handle('probe', async ({ url }) => {
    const { pathname } = new URL(url);
    const file = pathname === '/' ? '/index.html' : pathname;
    return new Response(await readFile(join(here, '../renderer', file)), {
      headers: {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': "default-src 'self'",
      },
    });
  });
  const window = new BrowserWindow({ webPreferences: { preload: join(here, '../preload/index.cjs') } });
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  ipcMain.on('connect', (event) => {
    const { port1, port2 } = new MessageChannelMain();
    const child = utilityProcess.fork(join(here, 'child.mjs'), ['an argument']);
    child.on('message', (message) => port1.postMessage(message));
    child.on('exit', (code) => port1.postMessage({ exit: code, frame: event.senderFrame?.url }));
    port1.on('message', ({ data }) => child.postMessage(data));
    port1.start();
    event.sender.postMessage('port', null, [port2]);
  });
  await window.loadURL('probe://app/');
});
