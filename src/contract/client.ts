import * as v from 'valibot';
import { errorFromPayload, UnravelError } from './errors.ts';
import { events, isEvent, type EventName, type EventPayload } from './events.ts';
import { AnswerSchema, type Request } from './messages.ts';
import { operations, type Input, type OperationName, type Output } from './operations.ts';
import type { Port } from './port.ts';

/** Requests operations and receives events. It works the same over every kind of port. */
export interface Client {
  /**
   * Requests one operation.
   *
   * @throws UnravelError the error that the other side answered, or `disconnected` when the connection is
   * closed
   */
  request<N extends OperationName>(operation: N, input: Input<N>): Promise<Output<N>>;
  /** Calls the listener for each event of this name until the returned function is called. */
  on<N extends EventName>(event: N, listener: (payload: EventPayload<N>) => void): () => void;
  /** Calls the listener once, when the connection has closed. */
  onClose(listener: () => void): void;
  close(): void;
}

interface Pending {
  readonly operation: OperationName;
  readonly resolve: (output: never) => void;
  readonly reject: (error: UnravelError) => void;
}

const disconnected = (): UnravelError =>
  new UnravelError('disconnected', 'The connection to Unravel was lost.', {
    hint: 'Wait a moment; if it does not come back, start Unravel again.',
  });

/**
 * Creates a client on a port. Every message that arrives is validated; a message that is not a valid answer is
 * dropped.
 */
export function createClient(port: Port): Client {
  const pending = new Map<number, Pending>();
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const closeListeners: (() => void)[] = [];
  let isClosed = false;
  let lastId = 0;

  port.onMessage((message) => {
    const parsed = v.safeParse(AnswerSchema, message);
    if (!parsed.success) return;
    const answer = parsed.output;
    if (answer.type === 'event') {
      notify(answer.event, answer.payload);
      return;
    }
    const asked = pending.get(answer.id);
    if (!asked) return;
    pending.delete(answer.id);
    if (answer.type === 'failure') {
      asked.reject(errorFromPayload(answer.error));
      return;
    }
    const output = v.safeParse(operations[asked.operation].output, answer.output);
    if (output.success) asked.resolve(output.output as never);
    else
      asked.reject(
        new UnravelError('internal', `The answer to ${asked.operation} is not what it should be.`),
      );
  });
  port.onClose(() => {
    isClosed = true;
    for (const { reject } of pending.values()) reject(disconnected());
    pending.clear();
    for (const listener of closeListeners) listener();
  });

  function notify(event: string, payload: unknown): void {
    if (!isEvent(event)) return;
    const parsed = v.safeParse(events[event], payload);
    if (!parsed.success) return;
    for (const listener of listeners.get(event) ?? []) listener(parsed.output as never);
  }

  return {
    request(operation, input) {
      if (isClosed) return Promise.reject(disconnected());
      const id = (lastId += 1);
      return new Promise((resolve, reject) => {
        pending.set(id, { operation, resolve, reject });
        const request: Request = { type: 'request', id, operation, input };
        port.post(request);
      });
    },
    on(event, listener) {
      const eventListeners = listeners.get(event) ?? new Set();
      listeners.set(event, eventListeners);
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    onClose: (listener) => void closeListeners.push(listener),
    close: () => port.close(),
  };
}
