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

/** The number of values that encode a condition. */
export function conditionWidth({ type, categories }: Condition): number {
  return type === 'categorical' ? (categories?.length ?? 0) : 1;
}

/**
 * Encodes a column's values as conditions: binary values unchanged, categories one-hot, continuous values
 * standardised. Unknown values (NaN) are replaced by the default.
 *
 * @returns `[values.length, conditionWidth]`
 */
export function encodeCondition(condition: Condition, values: ArrayLike<number>): Float32Array {
  const width = conditionWidth(condition);
  const { type, usual, mean = 0, deviation = 1 } = condition;
  const rows = new Float32Array(values.length * width);
  for (let i = 0; i < values.length; i++) {
    const value = Number.isNaN(values[i]!) ? usual : values[i]!;
    if (type === 'categorical') rows[i * width + value] = 1;
    else rows[i] = type === 'continuous' ? (value - mean) / deviation : value;
  }
  return rows;
}
