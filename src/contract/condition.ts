import * as v from 'valibot';
import { ShownTextSchema } from './shown-text.ts';

/** The condition of every image: a column of the data set it was trained on. */
export const ConditionSchema = v.object({
  /** The column's name. */
  column: ShownTextSchema,
  type: v.picklist(['binary', 'categorical', 'continuous']),
  /** The names of a categorical column's values. */
  categories: v.optional(v.array(ShownTextSchema)),
  /** Of a continuous column: what its numbers are standardised by. */
  mean: v.optional(v.number()),
  deviation: v.optional(v.number()),
  /** The value that is taken where none is given: the most frequent one, or a continuous column's mean. */
  usual: v.number(),
});
export type Condition = v.InferOutput<typeof ConditionSchema>;
