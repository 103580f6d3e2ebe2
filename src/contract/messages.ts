import * as v from 'valibot';
import { ErrorPayloadSchema } from './errors.ts';

/** Number of a request; each client counts its own requests. */
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A request from a client. */
export const RequestSchema = v.object({
  type: v.literal('request'),
  id,
  operation: v.pipe(v.string(), v.maxLength(64)),
  /** If left out, it is validated as `undefined`, so that a request without input is answered too. */
  input: v.optional(v.unknown()),
  /** The client for which the request is made, if the sender makes requests for several clients. */
  client: v.optional(id),
});
export type Request = v.InferOutput<typeof RequestSchema>;

/** The part of a malformed request that is needed to answer it. */
export const AddressedSchema = v.object({ type: v.literal('request'), id });

/**
 * Says that the client no longer waits for an answer. The request is still answered, possibly with `cancelled`.
 */
export const CancelSchema = v.object({ type: v.literal('cancel'), id });
export type Cancel = v.InferOutput<typeof CancelSchema>;

/** A message from the server: exactly one response or failure for each request, and events at any time. */
export const AnswerSchema = v.variant('type', [
  v.object({ type: v.literal('response'), id, output: v.unknown() }),
  v.object({ type: v.literal('failure'), id, error: ErrorPayloadSchema }),
  v.object({ type: v.literal('event'), event: v.pipe(v.string(), v.maxLength(64)), payload: v.unknown() }),
]);
export type Answer = v.InferOutput<typeof AnswerSchema>;
