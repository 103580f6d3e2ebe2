import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { ShownTextSchema } from './shown-text.ts';

/** A data set or run whose folder exists but cannot be used. It is listed so that it can be removed. */
export const DamagedSchema = v.object({
  id: IdSchema,
  /** A sentence that says which file is damaged and how. */
  reason: ShownTextSchema,
});
export type Damaged = v.InferOutput<typeof DamagedSchema>;
