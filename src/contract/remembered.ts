import * as v from 'valibot';
import { MOST_COLUMN_NAME } from './dataset.ts';
import { IdSchema } from './ids.ts';
import { AxesSchema } from './operations/codes.ts';
import { ViewIdSchema } from './views.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Maximum number of data sets or runs of which something is remembered. */
export const MOST_REMEMBERED = 200;

function byId<S extends v.GenericSchema>(value: S) {
  return v.optional(
    v.pipe(
      v.record(IdSchema, value),
      v.check((all) => Object.keys(all).length <= MOST_REMEMBERED, 'has too many entries'),
    ),
    {},
  );
}

/** What the points of the scatter are coloured by. */
export const ColouringSchema = v.variant('kind', [
  v.object({ kind: v.literal('none') }),
  v.object({ kind: v.literal('split') }),
  v.object({ kind: v.literal('column'), column: v.pipe(v.string(), v.maxLength(MOST_COLUMN_NAME)) }),
  v.object({ kind: v.literal('dimension'), dimension: count }),
  v.object({ kind: v.literal('axis'), axis: count }),
]);
export type Colouring = v.InferOutput<typeof ColouringSchema>;

/**
 * `window.json` of a workspace: what the window shows. It is kept there and not in the browser, because `serve` listens
 * on another port at each start, which a browser takes for another site. Ids of data sets and runs that no longer
 * exist are ignored.
 */
export const RememberedSchema = v.object({
  view: v.optional(ViewIdSchema),
  dataset: v.optional(IdSchema),
  run: v.optional(IdSchema),
  /** The pinned image, by data set. */
  pinned: byId(count),
  /** By data set. */
  colouring: byId(ColouringSchema),
  /** The dimension whose row is open, by run. */
  opened: byId(count),
  /** The independent axis whose row is open, by run. */
  openedAxis: byId(count),
  /** The axes of the scatter, by run. */
  axes: byId(AxesSchema),
  /** The runs that a person has chosen to compare, by data set. */
  compared: byId(v.pipe(v.array(IdSchema), v.maxLength(20))),
});
export type Remembered = v.InferOutput<typeof RememberedSchema>;
