import type { IpcMain, MessageChannelMain, MessagePortMain } from 'electron';
import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { CHANNELS } from '../contract/channels.ts';
import { Mailbox } from '../contract/mailbox.ts';
import type { Source } from '../contract/operations/sources.ts';
import { messagePort, type Port } from '../contract/port.ts';
import { isFromOurPage } from './security.ts';

/** The page's requests to the main process; all others go to the host over its port. */
export interface PageRequests {
  /** Connects a client to the host. */
  readonly connect: (port: Port) => void;
  /** @throws UnravelError for paths that are not there */
  readonly grantSource: (paths: readonly string[]) => Source;
}

const PathsSchema = v.array(v.pipe(v.string(), v.check(isAbsolute)));

/** Gives each page that asks for it a port to the host, and grants for dropped files. */
export function setupPorts(
  ipcMain: IpcMain,
  makeChannel: () => MessageChannelMain,
  { connect, grantSource }: PageRequests,
): void {
  ipcMain.on(CHANNELS.connect, (event) => {
    if (!isFromOurPage(event)) return;
    const { port1, port2 } = makeChannel();
    connect(mainPort(port1));
    event.sender.postMessage(CHANNELS.port, null, [port2]);
  });
  ipcMain.handle(CHANNELS.grant, (event, paths: unknown) => {
    if (!isFromOurPage(event)) throw new Error('Only the page may ask for a grant.');
    const parsed = v.safeParse(PathsSchema, paths);
    return parsed.success && parsed.output.length > 0 ? grantSource(parsed.output) : null;
  });
}

/** A port over one of Electron's. It closes when the page at its other end closes or reloads. */
export function mainPort(port: Pick<MessagePortMain, 'close' | 'on' | 'postMessage' | 'start'>): Port {
  const mailbox = new Mailbox();
  port.on('message', ({ data }) => mailbox.deliver(data));
  port.on('close', () => mailbox.end());
  port.start();
  return messagePort(port, mailbox);
}
