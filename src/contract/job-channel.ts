import * as v from 'valibot';
import { ErrorPayloadSchema } from './errors.ts';
import { IdSchema } from './ids.ts';
import { JobOrderSchema, JobProgressSchema, JobResultSchema } from './job.ts';
import { EpochMetricSchema, StepMetricSchema } from './operations/runs.ts';
import { ShownTextSchema } from './shown-text.ts';

/** A message from the host to a job's process: first the order, later possibly a stop. */
export const JobCommandSchema = v.variant('type', [
  v.object({ type: v.literal('start'), workspace: v.string(), order: JobOrderSchema }),
  /** Stops the job without leaving incomplete files; a training writes a checkpoint. */
  v.object({ type: v.literal('stop') }),
]);
export type JobCommand = v.InferOutput<typeof JobCommandSchema>;

/**
 * A message from a job's process to the host: any number of reports, then exactly one final report, after which
 * the process exits.
 */
export const JobReportSchema = v.variant('type', [
  v.object({ type: v.literal('progress'), progress: JobProgressSchema }),
  v.object({ type: v.literal('run'), run: IdSchema }),
  v.object({
    type: v.literal('step'),
    run: IdSchema,
    klPerDimension: v.array(v.number()),
    metric: StepMetricSchema,
  }),
  v.object({ type: v.literal('epoch'), run: IdSchema, metric: EpochMetricSchema }),
  v.object({ type: v.literal('warning'), message: ShownTextSchema }),
  v.object({ type: v.literal('done'), result: JobResultSchema }),
  /** The job was stopped by a stop message. */
  v.object({ type: v.literal('stopped'), result: JobResultSchema }),
  v.object({ type: v.literal('failed'), error: ErrorPayloadSchema }),
]);
export type JobReport = v.InferOutput<typeof JobReportSchema>;
