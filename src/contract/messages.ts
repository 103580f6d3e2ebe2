import * as v from 'valibot';
import { ErrorPayloadSchema } from './errors.ts';

/** Numbers of requests; a client counts its own up. */
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What a client sends. */
export const RequestSchema = v.object({
  type: v.literal('request'),
  id,
  operation: v.pipe(v.string(), v.maxLength(64)),
  /** Left out, it is validated as `undefined`, so that a request without it gets its answer too. */
  input: v.optional(v.unknown()),
  /** For which client it is asked, by a sender that asks for several. */
  client: v.optional(id),
});
export type Request = v.InferOutput<typeof RequestSchema>;

/** What can be answered although it is no whole request. */
export const AddressedSchema = v.object({ type: v.literal('request'), id });

/** Says that nobody waits for an answer any more. The request is still answered, if only by `cancelled`. */
export const CancelSchema = v.object({ type: v.literal('cancel'), id });
export type Cancel = v.InferOutput<typeof CancelSchema>;

/** What a server sends: exactly one response or failure to each request, and events at any time. */
export const AnswerSchema = v.variant('type', [
  v.object({ type: v.literal('response'), id, output: v.unknown() }),
  v.object({ type: v.literal('failure'), id, error: ErrorPayloadSchema }),
  v.object({ type: v.literal('event'), event: v.pipe(v.string(), v.maxLength(64)), payload: v.unknown() }),
]);
export type Answer = v.InferOutput<typeof AnswerSchema>;
