import * as v from 'valibot';
import { ErrorPayloadSchema } from './errors.ts';
import { IdSchema } from './ids.ts';
import { JobSchema } from './job.ts';
import { EpochMetricSchema, StepMetricSchema } from './operations/runs.ts';
import { ShownTextSchema } from './shown-text.ts';
import { ViewIdSchema } from './views.ts';

/** Everything that a client is told without asking, declared once. */
export const events = {
  /** A job is new, or anything about it has changed. */
  job: JobSchema,
  /** A job was taken off the list. */
  'job.dismissed': v.object({ job: v.string() }),
  /** A training's step; thinned to a few a second. */
  step: v.object({ run: IdSchema, klPerDimension: v.array(v.number()), ...StepMetricSchema.entries }),
  /** A training's epoch has ended, and its snapshot and checkpoint are written. */
  epoch: v.object({ run: IdSchema, ...EpochMetricSchema.entries }),
  /** Data sets or runs have come, gone or changed. */
  'datasets.changed': v.object({}),
  'runs.changed': v.object({}),
  /** The engine's process: while it is not `ready`, requests wait or fail with `disconnected`. */
  engine: v.object({
    state: v.picklist(['starting', 'ready', 'restarting', 'failed']),
    /** Why it is not ready. */
    error: v.optional(ErrorPayloadSchema),
  }),
  /** Something went wrong that no client asked for, such as a list of jobs that cannot be read. */
  trouble: ErrorPayloadSchema,
  /** The person chose this in the application's menu. */
  command: v.variant('command', [
    v.object({ command: v.picklist(['open', 'export', 'search', 'keys', 'settings']) }),
    v.object({ command: v.literal('view'), view: ViewIdSchema }),
  ]),
  /** Sources that were opened with the application: dropped on its icon, or named when it was started. */
  opened: v.object({ source: v.string(), name: ShownTextSchema }),
};

type Events = typeof events;
export type EventName = keyof Events;
export type EventPayload<N extends EventName> = v.InferOutput<Events[N]>;

/** True for the name of an event. */
export function isEvent(name: string): name is EventName {
  return Object.hasOwn(events, name);
}
