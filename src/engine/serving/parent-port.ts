import { Mailbox } from '../../contract/mailbox.ts';
import { portFrom, type Port } from '../../contract/port.ts';

/** A process's channel to the one that started it. */
export interface ParentPort extends Port {
  /** Resolves when what was posted so far has left this process. */
  flushed(): Promise<void>;
}

/** What Electron gives a utility process instead of Node's own channel. */
interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
}

/** Electron does not report when a message has been sent. This time is enough for a few messages. */
const UTILITY_FLUSH_MS = 100;

/**
 * The channel to the process that started this one: Electron's main process, which gives `process.parentPort`, or a
 * Node process that forked it with `serialization: 'advanced'`.
 *
 * @throws Error in a process without such a channel
 */
export function openParentPort(): ParentPort {
  // Ctrl-C in a terminal, and its end, reach every process of the group. The parent decides what ends, and in which
  // order. Where it has gone too, the channel closes.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // The terminal may be closed. The error must not end a training before it has written its checkpoint.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const utility = (process as unknown as { readonly parentPort?: UtilityPort }).parentPort;
  if (utility) return overUtilityPort(utility);
  if (process.send) return overNodeChannel();
  throw new Error('This program is started by Unravel, not by itself.');
}

function overUtilityPort(utility: UtilityPort): ParentPort {
  const mailbox = new Mailbox();
  utility.on('message', ({ data }) => mailbox.deliver(data));
  // Electron also ends its utility processes with itself, whatever they do.
  utility.on('close', () => mailbox.end());
  return {
    ...portFrom(mailbox, {
      post: (message) => utility.postMessage(message),
      close: () => mailbox.end(),
    }),
    flushed: () => new Promise((resolve) => setTimeout(resolve, UTILITY_FLUSH_MS)),
  };
}

function overNodeChannel(): ParentPort {
  const mailbox = new Mailbox();
  let underWay = 0;
  let waiting: (() => void)[] = [];
  const wakeIfFlushed = (): void => {
    if (underWay > 0) return;
    for (const wake of waiting) wake();
    waiting = [];
  };
  const sent = (): void => {
    underWay -= 1;
    wakeIfFlushed();
  };
  process.on('message', (message) => mailbox.deliver(message));
  process.once('disconnect', () => mailbox.end());
  return {
    ...portFrom(mailbox, {
      post(message) {
        // Messages are dropped after the parent has ended.
        if (!process.connected) return;
        underWay += 1;
        process.send!(message, undefined, undefined, sent);
      },
      close: () => process.disconnect(),
    }),
    flushed: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        wakeIfFlushed();
      }),
  };
}
