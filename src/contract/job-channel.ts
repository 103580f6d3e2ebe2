import * as v from 'valibot';
import { ErrorPayloadSchema } from './errors.ts';
import { IdSchema } from './ids.ts';
import { JobOrderSchema, JobProgressSchema, JobResultSchema } from './job.ts';
import { EpochMetricSchema, StepMetricSchema } from './operations/runs.ts';
import { ShownTextSchema } from './shown-text.ts';

/** What the host tells a job's process: first what to do, later perhaps to stop. */
export const JobCommandSchema = v.variant('type', [
  v.object({ type: v.literal('start'), workspace: v.string(), order: JobOrderSchema }),
  /** Stop, leaving nothing half written; a training writes a checkpoint. */
  v.object({ type: v.literal('stop') }),
]);
export type JobCommand = v.InferOutput<typeof JobCommandSchema>;

/** What a job's process tells the host: any number of reports, then exactly one end, after which it exits. */
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
  /** Stopped as it was told to. */
  v.object({ type: v.literal('stopped'), result: JobResultSchema }),
  v.object({ type: v.literal('failed'), error: ErrorPayloadSchema }),
]);
export type JobReport = v.InferOutput<typeof JobReportSchema>;
