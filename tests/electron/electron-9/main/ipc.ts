import { ipcMain as oldIpcMain, type IpcMainEvent } from 'electron';
import { frameOf } from './contents.ts';

type Listener = (event: IpcMainEvent, ...args: unknown[]) => unknown;

/** Today an event says which frame sent it. */
function withFrame(listener: Listener): Listener {
  return (event, ...args) => {
    // A frame within the page is not the main frame, which is all that the product asks.
    const isMain =
      (event.frameId as number | undefined) === undefined || event.frameId === mainFrameId(event);
    Object.defineProperty(event, 'senderFrame', { value: isMain ? frameOf(event.sender) : null });
    return listener(event, ...args);
  };
}

/** Electron 9 numbers the main frame of every page 1. */
function mainFrameId(_event: IpcMainEvent): number {
  return 1;
}

export const ipcMain = {
  on: (channel: string, listener: Listener) => oldIpcMain.on(channel, withFrame(listener)),
  once: (channel: string, listener: Listener) => oldIpcMain.once(channel, withFrame(listener)),
  handle: (channel: string, listener: Listener) =>
    oldIpcMain.handle(channel, withFrame(listener) as Parameters<typeof oldIpcMain.handle>[1]),
  removeHandler: (channel: string) => oldIpcMain.removeHandler(channel),
  removeAllListeners: (channel: string) => oldIpcMain.removeAllListeners(channel),
};
