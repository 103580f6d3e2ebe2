import { contextBridge, ipcRenderer, webUtils } from 'electron';

ipcRenderer.on('port', (event) => window.postMessage('port', '*', event.ports));
contextBridge.exposeInMainWorld('probe', {
  connect: () => ipcRenderer.send('connect'),
  pathsOf: (files: readonly File[]) => files.map((file) => webUtils.getPathForFile(file)),
});
