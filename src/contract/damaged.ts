import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { ShownTextSchema } from './shown-text.ts';

/** A data set or run whose folder is there and cannot be used: it is listed, so that it can be removed. */
export const DamagedSchema = v.object({
  id: IdSchema,
  /** What is wrong with which file, in a sentence. */
  reason: ShownTextSchema,
});
export type Damaged = v.InferOutput<typeof DamagedSchema>;
