import * as v from 'valibot';
import { IdSchema } from '../ids.ts';
import { ElboDecompositionSchema, EvaluationSchema } from '../metrics.ts';
import { operation } from '../operation.ts';
import { ShownTextSchema } from '../shown-text.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());

/** `evaluations/<data set>.json` of a run: what was measured of it on that data set. */
export const StoredEvaluationSchema = v.object({
  version: v.literal(1),
  dataset: IdSchema,
  /** Of the checkpoint that was measured: an earlier one than the run's where it has trained on since. */
  step: count,
  seed: count,
  /** Images that were encoded. */
  images: count,
  /** When, in ISO 8601. */
  measured: ShownTextSchema,
  /** Null where no metric was measured. */
  evaluation: v.nullable(EvaluationSchema),
  /** Null where KL was not taken apart. */
  decomposition: v.nullable(ElboDecompositionSchema),
});
export type StoredEvaluation = v.InferOutput<typeof StoredEvaluationSchema>;

/** A dimension and what it has with one label or factor. */
export const CarrierSchema = v.object({
  dimension: count,
  /** One deviation to move it by: 1, the prior's; of an AE, which has none, the deviation of its codes. */
  unit: v.pipe(finite, v.minValue(0)),
  /** True where it falls as the label rises. */
  isReversed: v.boolean(),
  /** What it tells of the label beyond chance, in bits. */
  bits: finite,
});
export type Carrier = v.InferOutput<typeof CarrierSchema>;

/** What every dimension of a model tells about every label and factor. */
export const CarriedLabelsSchema = v.object({
  /** Labels and factors that differ among the images, in the order of the data set. */
  columns: v.array(ShownTextSchema),
  /** By column, then by dimension. */
  dimensions: v.array(v.array(CarrierSchema)),
});
export type CarriedLabels = v.InferOutput<typeof CarriedLabelsSchema>;

/** A dimension of another model that goes with one of the first. */
export const CounterpartSchema = v.object({
  dimension: count,
  /** Pearson's r of the two over the same images, from −1 to 1; below 0 they move in opposite directions. */
  correlation: v.pipe(finite, v.minValue(-1), v.maxValue(1)),
});
export type Counterpart = v.InferOutput<typeof CounterpartSchema>;

export const measureOperations = {
  /** What an `evaluate` job, or the command line, measured last; null where nothing was. */
  'runs.evaluation': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema }),
    v.nullable(StoredEvaluationSchema),
  ),
  /** Which dimensions carry which labels, to match models by; @throws `not-ready` without codes */
  'models.match': operation('engine', v.object({ run: IdSchema, dataset: IdSchema }), CarriedLabelsSchema),
  /**
   * Matches models without labels: for each of `others`, by dimension of `run`, the dimension whose mu goes with it
   * most, whichever way it points; null where the first does not vary. @throws `not-ready` without codes of all
   */
  'models.counterparts': operation(
    'engine',
    v.object({
      run: IdSchema,
      others: v.pipe(v.array(IdSchema), v.minLength(1), v.maxLength(5)),
      dataset: IdSchema,
    }),
    v.array(v.array(v.nullable(CounterpartSchema))),
  ),
};
