import { decodeFrame, encodeFrame, type FrameBounds } from './frames.ts';
import { Mailbox } from './mailbox.ts';
import { portFrom, type Port } from './port.ts';

/** The common part of a browser's WebSocket and that of `ws`. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  send(frame: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
}

const OPEN = 1;
/** RFC 6455, 7.4.1: the other side sent a message that violates the protocol. */
const POLICY_VIOLATION = 1008;

/**
 * A port over an open WebSocket, each message one binary frame. A frame that cannot be read closes the
 * connection.
 */
export function socketPort(socket: Socket, bounds?: FrameBounds): Port {
  const mailbox = new Mailbox();
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    let message: unknown;
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError('a text frame');
      message = decodeFrame(data, bounds);
    } catch {
      socket.close(POLICY_VIOLATION, 'A message could not be read.');
      mailbox.end();
      return;
    }
    mailbox.deliver(message);
  });
  socket.addEventListener('close', () => mailbox.end());
  return portFrom(mailbox, {
    post: (message) => {
      if (!mailbox.isClosed && socket.readyState === OPEN) socket.send(encodeFrame(message));
    },
    close: () => {
      socket.close();
      mailbox.end();
    },
  });
}
