import * as v from 'valibot';
import { DateScaleSchema } from './label-values.ts';
import { ShownTextSchema } from './shown-text.ts';

/** The condition of every image: a column of the data set it was trained on. */
export const ConditionSchema = v.object({
  /** The column's name. */
  column: ShownTextSchema,
  type: v.picklist(['binary', 'categorical', 'continuous']),
  /** As in the column: its words, its unit and its dates. */
  categories: v.optional(v.array(ShownTextSchema)),
  unit: v.optional(ShownTextSchema),
  date: v.optional(DateScaleSchema),
  /** Mean and standard deviation by which a continuous column is standardised. */
  mean: v.optional(v.number()),
  deviation: v.optional(v.number()),
  /** The default where no value is given: the most frequent value, or a continuous column's mean. */
  usual: v.number(),
});
export type Condition = v.InferOutput<typeof ConditionSchema>;
