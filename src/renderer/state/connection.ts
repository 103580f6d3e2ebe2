import { WINDOW_MESSAGES } from '../../contract/channels.ts';
import { createClient, type Client } from '../../contract/client.ts';
import { socketEntrance, tokenOf } from '../../contract/entrance.ts';
import { UnravelError } from '../../contract/errors.ts';
import { Mailbox } from '../../contract/mailbox.ts';
import type { Source } from '../../contract/operations/sources.ts';
import { messagePort, type Port } from '../../contract/port.ts';
import { socketPort } from '../../contract/socket-port.ts';

/** What the preload script gives the page in Electron; there is nothing of it in a browser. */
interface Bridge {
  readonly door: 'electron';
  grantDropped(files: File[]): Promise<Source | null>;
}

declare global {
  interface Window {
    readonly unravel?: Bridge;
  }
}

/** Main is in the same machine: where it does not answer by then, it will not. */
const PATIENCE_MS = 10_000;

/**
 * Connects to the host: over a MessagePort in Electron's window, over a WebSocket to where the page came from in a
 * browser's. Trying again after a lost connection is the caller's.
 *
 * @throws UnravelError `disconnected` where nobody answers
 */
export async function connect(): Promise<Client> {
  return createClient(await (window.unravel ? windowPort() : openSocket()));
}

/**
 * The source that dropped files are; null in a browser, which gives no paths: there they are uploaded, by
 * `sources.upload` and `sources.add`.
 *
 * @param files - as they were dropped; a folder is one of them
 */
export async function grantDropped(files: readonly File[]): Promise<Source | null> {
  return (await window.unravel?.grantDropped([...files])) ?? null;
}

/** Asks the preload script, by a message that only this window's own scripts can send, for a port to main. */
export function windowPort(): Promise<Port> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      removeEventListener('message', hear);
      clearTimeout(timer);
    };
    const hear = ({ source, data, ports }: MessageEvent): void => {
      if (source !== window || data !== WINDOW_MESSAGES.port || !ports[0]) return;
      finish();
      resolve(pagePort(ports[0]));
    };
    const timer = setTimeout(() => {
      finish();
      reject(new UnravelError('disconnected', 'Unravel does not answer its window. Start it again.'));
    }, PATIENCE_MS);
    addEventListener('message', hear);
    postMessage(WINDOW_MESSAGES.connect, location.origin);
  });
}

/** A port over one of the page's own. */
function pagePort(port: MessagePort): Port {
  const mailbox = new Mailbox();
  port.onmessage = ({ data }) => mailbox.deliver(data);
  port.addEventListener('close', () => mailbox.end());
  port.start();
  return messagePort(port, mailbox);
}

/** Where the token is kept for a reload. The storage is this tab's and this origin's, the port included. */
const STORED = 'unravel-token';
/** Some browsers are set to store nothing. */
let kept: string | undefined;

/**
 * The token that the page was opened with. It is taken out of the address, so that it stays out of the history and of
 * what people copy from the address bar; a new one may come at any time, in an address pasted over this one.
 */
function takeToken(): string | undefined {
  const given = tokenOf(location);
  if (given !== undefined) {
    history.replaceState(history.state, '', location.pathname);
    kept = given;
  }
  try {
    if (given !== undefined) sessionStorage.setItem(STORED, given);
    kept ??= sessionStorage.getItem(STORED) ?? undefined;
  } catch {
    // Then a reload asks for the address.
  }
  return kept;
}

function openSocket(): Promise<Port> {
  const token = takeToken();
  if (token === undefined) {
    const message =
      'This page has no access to Unravel. Open the address that Unravel printed when it was started.';
    return Promise.reject(new UnravelError('disconnected', message));
  }
  const { url, protocols } = socketEntrance(location.href, token);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols);
    const port = socketPort(socket);
    socket.addEventListener('open', () => resolve(port));
    socket.addEventListener('close', () =>
      reject(
        new UnravelError(
          'disconnected',
          'Unravel does not answer. Check that it is still running, and open the address that it printed.',
        ),
      ),
    );
  });
}
