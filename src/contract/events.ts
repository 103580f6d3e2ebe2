import * as v from 'valibot';
import { ErrorPayloadSchema } from './errors.ts';
import { IdSchema } from './ids.ts';
import { JobSchema } from './job.ts';
import { EpochMetricSchema, StepMetricSchema } from './operations/runs.ts';
import { ShownTextSchema } from './shown-text.ts';
import { ViewIdSchema } from './views.ts';

/** All events that are sent to clients. */
export const events = {
  /** A job is new, or anything about it has changed. */
  job: JobSchema,
  /** A job was taken off the list. */
  'job.dismissed': v.object({ job: v.string() }),
  /** A training step; at most a few per second are sent. */
  step: v.object({ run: IdSchema, klPerDimension: v.array(v.number()), ...StepMetricSchema.entries }),
  /** An epoch of a training has ended, and its snapshot and checkpoint are written. */
  epoch: v.object({ run: IdSchema, ...EpochMetricSchema.entries }),
  /** Data sets or runs were added, removed or changed. */
  'datasets.changed': v.object({}),
  'runs.changed': v.object({}),
  /** The state of the engine's process. While it is not `ready`, requests wait or fail with `disconnected`. */
  engine: v.object({
    state: v.picklist(['starting', 'ready', 'restarting', 'failed']),
    /** Why it is not ready. */
    error: v.optional(ErrorPayloadSchema),
  }),
  /** An error that belongs to no request, such as a list of jobs that cannot be read. */
  trouble: ErrorPayloadSchema,
  /** A command that the person chose in the application's menu. */
  command: v.variant('command', [
    v.object({
      command: v.picklist(['open', 'export', 'search', 'settings', 'tour', 'glossary', 'keys', 'present']),
    }),
    v.object({ command: v.literal('view'), view: ViewIdSchema }),
  ]),
  /** Sources that were opened with the application: dropped on its icon, or given when it was started. */
  opened: v.object({ source: v.string(), name: ShownTextSchema }),
};

type Events = typeof events;
export type EventName = keyof Events;
export type EventPayload<N extends EventName> = v.InferOutput<Events[N]>;

/** True for the name of an event. */
export function isEvent(name: string): name is EventName {
  return Object.hasOwn(events, name);
}
