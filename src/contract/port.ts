import { Mailbox } from './mailbox.ts';

/**
 * A two-way channel that carries structured data: a MessagePort, a WebSocket or a process's own channel. What is
 * received is of unknown shape until it is validated.
 */
export interface Port {
  /** @throws nothing: a message to a closed port is dropped */
  post(message: unknown): void;
  /**
   * Sets the listener, replacing an earlier one. Messages that arrive before there is a listener are stored for
   * it.
   */
  onMessage(listener: (message: unknown) => void): void;
  /** Calls each listener once, when the other side has closed or {@link close} was called. */
  onClose(listener: () => void): void;
  close(): void;
}

/** Makes a port that sends with the given functions and receives through a mailbox. */
export function portFrom(mailbox: Mailbox, { post, close }: Pick<Port, 'post' | 'close'>): Port {
  return {
    post,
    onMessage: (listener) => mailbox.onMessage(listener),
    onClose: (listener) => mailbox.onClose(listener),
    close,
  };
}

/**
 * The common part of a page's MessagePort and Electron's MessagePortMain. Their listeners are set in different
 * ways.
 */
interface MessageChannelEnd {
  postMessage(message: unknown): void;
  close(): void;
}

/** A port over a MessagePort that delivers into the mailbox. */
export function messagePort(end: MessageChannelEnd, mailbox: Mailbox): Port {
  return portFrom(mailbox, {
    post: (message) => {
      // Without a transfer list: between processes an ArrayBuffer in one arrives empty (electron/electron#46639).
      if (!mailbox.isClosed) end.postMessage(message);
    },
    close: () => {
      end.close();
      mailbox.end();
    },
  });
}

/** Two connected ports in one process. Each message is copied and delivered asynchronously. */
export function portPair(): [Port, Port] {
  const left = new LocalPort();
  const right = new LocalPort();
  left.peer = right;
  right.peer = left;
  return [left, right];
}

class LocalPort implements Port {
  peer!: LocalPort;
  readonly #mailbox = new Mailbox();

  post(message: unknown): void {
    if (this.#mailbox.isClosed) return;
    const copy = structuredClone(message);
    queueMicrotask(() => this.peer.#mailbox.deliver(copy));
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#mailbox.onMessage(listener);
  }

  onClose(listener: () => void): void {
    this.#mailbox.onClose(listener);
  }

  close(): void {
    this.#mailbox.end();
    queueMicrotask(() => this.peer.#mailbox.end());
  }
}
