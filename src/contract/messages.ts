import * as v from 'valibot';
import { ErrorPayloadSchema } from './errors.ts';

/** Numbers of requests; a client counts its own up. */
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What a client sends. */
export const RequestSchema = v.object({
  type: v.literal('request'),
  id,
  operation: v.pipe(v.string(), v.maxLength(64)),
  input: v.unknown(),
});
export type Request = v.InferOutput<typeof RequestSchema>;

/** What a server sends: exactly one response or failure to each request, and events at any time. */
export const AnswerSchema = v.variant('type', [
  v.object({ type: v.literal('response'), id, output: v.unknown() }),
  v.object({ type: v.literal('failure'), id, error: ErrorPayloadSchema }),
  v.object({ type: v.literal('event'), event: v.pipe(v.string(), v.maxLength(64)), payload: v.unknown() }),
]);
export type Answer = v.InferOutput<typeof AnswerSchema>;
