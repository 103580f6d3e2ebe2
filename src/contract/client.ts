import * as v from 'valibot';
import { errorFromPayload, UnravelError } from './errors.ts';
import { events, isEvent, type EventName, type EventPayload } from './events.ts';
import { AnswerSchema, type Request } from './messages.ts';
import { operations, type Input, type OperationName, type Output } from './operations.ts';
import type { Port } from './port.ts';

/** Asks for operations and hears events; the same over every port. */
export interface Client {
  /**
   * Asks for one operation.
   *
   * @throws UnravelError what the other side answered, or `disconnected` when it has gone
   */
  request<N extends OperationName>(operation: N, input: Input<N>): Promise<Output<N>>;
  /** Hears an event until the returned function is called. */
  on<N extends EventName>(event: N, listener: (payload: EventPayload<N>) => void): () => void;
  /** Hears once that the other side has gone. */
  onClose(listener: () => void): void;
  close(): void;
}

interface Pending {
  readonly operation: OperationName;
  readonly resolve: (output: never) => void;
  readonly reject: (error: UnravelError) => void;
}

const gone = (): UnravelError =>
  new UnravelError('disconnected', 'The connection to Unravel was lost.', {
    hint: 'Wait a moment; if it does not come back, start Unravel again.',
  });

/** A client on a port. What arrives is validated; anything that is no answer of ours is dropped. */
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
      hear(answer.event, answer.payload);
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
    for (const { reject } of pending.values()) reject(gone());
    pending.clear();
    for (const listener of closeListeners) listener();
  });

  function hear(event: string, payload: unknown): void {
    if (!isEvent(event)) return;
    const parsed = v.safeParse(events[event], payload);
    if (!parsed.success) return;
    for (const listener of listeners.get(event) ?? []) listener(parsed.output as never);
  }

  return {
    request(operation, input) {
      if (isClosed) return Promise.reject(gone());
      const id = (lastId += 1);
      return new Promise((resolve, reject) => {
        pending.set(id, { operation, resolve, reject });
        const request: Request = { type: 'request', id, operation, input };
        port.post(request);
      });
    },
    on(event, listener) {
      const heard = listeners.get(event) ?? new Set();
      listeners.set(event, heard);
      heard.add(listener);
      return () => heard.delete(listener);
    },
    onClose: (listener) => void closeListeners.push(listener),
    close: () => port.close(),
  };
}
