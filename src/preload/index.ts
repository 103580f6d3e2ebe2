import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNELS, WINDOW_MESSAGES } from '../contract/channels.ts';

/** As much of the page's window as is needed here. */
declare const window: {
  addEventListener(
    type: 'message',
    listener: (event: { readonly source: unknown; readonly data: unknown }) => void,
  ): void;
  postMessage(message: unknown, origin: string, ports: readonly unknown[]): void;
  readonly location: { readonly origin: string };
};

// The bridge: a port to the host, and paths of what a person drops, which go past the page straight to main.

window.addEventListener('message', ({ source, data }) => {
  if (source === window && data === WINDOW_MESSAGES.connect) ipcRenderer.send(CHANNELS.connect);
});

ipcRenderer.on(CHANNELS.port, ({ ports }) => {
  window.postMessage(WINDOW_MESSAGES.port, window.location.origin, ports);
});

contextBridge.exposeInMainWorld('unravel', {
  door: 'electron',
  /** The page gives files and gets a grant. What it made up itself has no path, and is left out. */
  grantDropped: (files: readonly File[]): Promise<unknown> => {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    return ipcRenderer.invoke(CHANNELS.grant, paths);
  },
});
