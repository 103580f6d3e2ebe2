import * as v from 'valibot';
import { errorPayload, UnravelError } from './errors.ts';
import type { EventName, EventPayload } from './events.ts';
import { RequestSchema, type Answer } from './messages.ts';
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

/** Answers one operation; what it throws is answered as an error. */
export type Handler<N extends OperationName> = (input: Input<N>) => Promise<Output<N>> | Output<N>;

/** A handler for each operation of a servant. */
export type Handlers<S extends Servant> = { readonly [N in NamesBy<S>]: Handler<N> };

/** Handlers of those operations that are offered. */
export type SomeHandlers = { readonly [N in OperationName]?: Handler<N> };

/** Sends an event to one client, or to all. */
export type Emit = <N extends EventName>(event: N, payload: EventPayload<N>) => void;

/** So many requests of one client may be under way; more are refused, so that a flood costs no memory. */
const MOST_PENDING = 256;

/**
 * Answers the requests of one client. Every request is validated before a handler sees it, and gets exactly one
 * answer; what is no request at all is dropped.
 *
 * @returns sends events to this client
 */
export function serve(port: Port, handlers: SomeHandlers): Emit {
  let underWay = 0;
  const post = (answer: Answer): void => port.post(answer);

  port.onMessage((message) => {
    const parsed = v.safeParse(RequestSchema, message);
    if (!parsed.success) return;
    const { id, operation, input } = parsed.output;
    if (underWay >= MOST_PENDING) {
      const error = new UnravelError('conflict', `${MOST_PENDING} requests are under way already.`);
      post({ type: 'failure', id, error: errorPayload(error) });
      return;
    }
    underWay += 1;
    answerTo(operation, input, handlers)
      .then(
        (output) => post({ type: 'response', id, output }),
        (error: unknown) => post({ type: 'failure', id, error: errorPayload(error) }),
      )
      .finally(() => (underWay -= 1));
  });
  return (event, payload) => post({ type: 'event', event, payload });
}

async function answerTo(operation: string, input: unknown, handlers: SomeHandlers): Promise<unknown> {
  if (!isOperation(operation)) {
    throw new UnravelError('bad-input', `There is no operation “${operation}”.`);
  }
  const handler = handlers[operation] as ((input: unknown) => unknown) | undefined;
  if (!handler) throw new UnravelError('unsupported', `The operation ${operation} is not offered here.`);
  const parsed = v.safeParse(operations[operation].input, input);
  if (!parsed.success) {
    const { message, path } = parsed.issues[0];
    const where = path?.map(({ key }) => String(key)).join('.');
    throw new UnravelError(
      'bad-input',
      `${operation} was asked wrongly: ${where ? `${where}: ` : ''}${message}.`,
    );
  }
  return await handler(parsed.output);
}
