import * as v from 'valibot';
import { errorPayload, UnravelError } from './errors.ts';
import type { EventName, EventPayload } from './events.ts';
import { AddressedSchema, CancelSchema, RequestSchema, type Answer, type Request } from './messages.ts';
import {
  isOperation,
  operations,
  type Input,
  type NamesBy,
  type OperationName,
  type Output,
} from './operations.ts';
import type { Servant } from './operation.ts';
import type { Port } from './port.ts';

/** The client that made a request, and a signal for its cancellation. */
export interface Asker {
  /** The client's number; 0 is the program itself. */
  readonly client: number;
  /** Aborted with an UnravelError `cancelled` when the client disconnects or cancels the request. */
  readonly signal: AbortSignal;
}

/** Answers one operation. If it throws, the answer is an error. */
export type Handler<N extends OperationName> = (
  input: Input<N>,
  asker: Asker,
) => Promise<Output<N>> | Output<N>;

/** A handler for each operation of one process. */
export type Handlers<S extends Servant> = { readonly [N in NamesBy<S>]: Handler<N> };

/** Handlers for some of the operations. */
export type SomeHandlers = { readonly [N in OperationName]?: Handler<N> };

/** Sends an event to one client, or to all. */
export type Emit = <N extends EventName>(event: N, payload: EventPayload<N>) => void;

/** The sender at the other end of a port. */
export type ServeOptions =
  /** One client, by its number. The number and size of its requests are limited. */
  | { readonly client?: number }
  /** A host that forwards requests of its clients with their numbers, and limits each of them itself. */
  | { readonly isHost: true };

/** Maximum number of pending requests of one client. More are refused, to limit the memory that they take. */
const MOST_PENDING = 256;
/** Maximum size of the arrays in pending requests. */
const MOST_PENDING_BYTES = 256 * 2 ** 20;

/**
 * Answers the requests that arrive at a port. Every request is validated before a handler is called, and gets
 * exactly one answer. A message without a request number cannot be answered and is dropped.
 *
 * @returns a function that sends events to this client
 */
export function serve(port: Port, handlers: SomeHandlers, options: ServeOptions = {}): Emit {
  const isHost = 'isHost' in options;
  const own = isHost ? 0 : (options.client ?? 0);
  const underWay = new Set<{ readonly id: number; readonly stop: AbortController }>();
  let bytesUnderWay = 0;
  const post = (answer: Answer): void => port.post(answer);
  const fail = (id: number, error: unknown): void =>
    post({ type: 'failure', id, error: errorPayload(error) });

  function begin({ id, operation, input, client = 0 }: Request): void {
    const refused = isHost || underWay.size < MOST_PENDING ? undefined : tooMany(underWay.size);
    const call = refused ?? prepare(operation, input, handlers);
    const bytes = isHost || call instanceof UnravelError ? 0 : bytesOf(call.input);
    if (call instanceof UnravelError) fail(id, call);
    else if (bytesUnderWay + bytes > MOST_PENDING_BYTES) fail(id, tooMany(underWay.size));
    else answer(id, call, { client: isHost ? client : own, bytes });
  }

  function answer(id: number, { handler, input }: Call, asked: { client: number; bytes: number }): void {
    const { client, bytes } = asked;
    const request = { id, stop: new AbortController() };
    underWay.add(request);
    bytesUnderWay += bytes;
    const asker: Asker = { client, signal: request.stop.signal };
    // Asynchronous, so that an error that a handler throws synchronously is answered too.
    const perform = async (): Promise<unknown> => await handler(input, asker);
    perform()
      .then(
        (output) => post({ type: 'response', id, output }),
        (error: unknown) => fail(id, error),
      )
      .finally(() => {
        underWay.delete(request);
        bytesUnderWay -= bytes;
      });
  }

  port.onMessage((message) => {
    const request = v.safeParse(RequestSchema, message);
    if (request.success) {
      begin(request.output);
      return;
    }
    const cancel = v.safeParse(CancelSchema, message);
    if (cancel.success) {
      for (const { id, stop } of underWay) if (id === cancel.output.id) stop.abort(cancelled());
      return;
    }
    const addressed = v.safeParse(AddressedSchema, message);
    if (addressed.success) {
      const error = new UnravelError('bad-input', `The request is malformed: ${where(request.issues[0])}.`);
      fail(addressed.output.id, error);
    }
  });
  port.onClose(() => {
    for (const { stop } of underWay) stop.abort(cancelled());
  });
  return (event, payload) => post({ type: 'event', event, payload });
}

/** A valid request and its handler. */
interface Call {
  readonly handler: (input: unknown, asker: Asker) => unknown;
  /** The input as parsed by the operation's schema, without unknown entries. */
  readonly input: unknown;
}

/** @returns an error if the request is not valid */
function prepare(operation: string, input: unknown, handlers: SomeHandlers): Call | UnravelError {
  if (!isOperation(operation)) {
    return new UnravelError('bad-input', `There is no operation “${operation}”.`);
  }
  const handler = handlers[operation] as Call['handler'] | undefined;
  if (!handler) return new UnravelError('unsupported', `The operation ${operation} is not available here.`);
  const parsed = v.safeParse(operations[operation].input, input);
  if (parsed.success) return { handler, input: parsed.output };
  return new UnravelError('bad-input', `${operation} has an invalid input: ${where(parsed.issues[0])}.`);
}

/** A validation message, preceded by the path of the invalid value. */
function where({ message, path }: v.BaseIssue<unknown>): string {
  const place = path?.map(({ key }) => String(key)).join('.');
  return place ? `${place}: ${message}` : message;
}

/** The size in bytes of all arrays in a valid input. */
function bytesOf(input: unknown): number {
  if (ArrayBuffer.isView(input)) return input.byteLength;
  if (typeof input !== 'object' || input === null) return 0;
  return Object.values(input).reduce<number>((sum, value) => sum + bytesOf(value), 0);
}

function tooMany(count: number): UnravelError {
  return new UnravelError('conflict', `${count} requests are pending already, which is the maximum.`, {
    hint: 'Wait for some of the answers, then ask again.',
  });
}

/** The error for a request whose answer is no longer needed. */
export function cancelled(): UnravelError {
  return new UnravelError('cancelled', 'The request was cancelled.');
}
