import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNELS, WINDOW_MESSAGES } from '../contract/channels.ts';

/** The part of the page's `window` that is used here. */
declare const window: {
  addEventListener(
    type: 'message',
    listener: (event: { readonly source: unknown; readonly data: unknown }) => void,
  ): void;
  postMessage(message: unknown, origin: string, ports: readonly unknown[]): void;
  readonly location: { readonly origin: string };
};

// The bridge gives the page a port to the host. It sends the paths of dropped files to main, and never to the page.

window.addEventListener('message', ({ source, data }) => {
  if (source === window && data === WINDOW_MESSAGES.connect) ipcRenderer.send(CHANNELS.connect);
});

ipcRenderer.on(CHANNELS.port, ({ ports }) => {
  window.postMessage(WINDOW_MESSAGES.port, window.location.origin, ports);
});

contextBridge.exposeInMainWorld('unravel', {
  door: 'electron',
  /** Exchanges dropped files for a grant. Files that the page made itself have no path and are left out. */
  grantDropped: (files: readonly File[]): Promise<unknown> => {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    return ipcRenderer.invoke(CHANNELS.grant, paths);
  },
});
