import * as v from 'valibot';
import { IdSchema } from '../ids.ts';
import { ElboDecompositionSchema, EvaluationSchema } from '../metrics.ts';
import { operation } from '../operation.ts';
import { ShownTextSchema } from '../shown-text.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());

/** `evaluations/<data set>.json` of a run: the measurements on that data set. */
export const StoredEvaluationSchema = v.object({
  version: v.literal(1),
  dataset: IdSchema,
  /** Step of the measured checkpoint. It is lower than the run's if the run was trained further since. */
  step: count,
  seed: count,
  /** Number of images that were encoded. */
  images: count,
  /** Time of measurement, ISO 8601. */
  measured: ShownTextSchema,
  /** Null if no metric was measured. */
  evaluation: v.nullable(EvaluationSchema),
  /**
   * The same metrics of the independent axes of the run's codes; left out if there were no axes when it was measured.
   */
  axes: v.optional(EvaluationSchema),
  /** Null if KL was not decomposed. */
  decomposition: v.nullable(ElboDecompositionSchema),
});
export type StoredEvaluation = v.InferOutput<typeof StoredEvaluationSchema>;

/** A dimension and its relation to one label or factor. */
export const CarrierSchema = v.object({
  dimension: count,
  /**
   * The unit of movement: 1, the prior's standard deviation, or for an AE, which has no prior, the standard
   * deviation of its codes.
   */
  unit: v.pipe(finite, v.minValue(0)),
  /** True if it decreases as the label increases. */
  isReversed: v.boolean(),
  /** Information about the label beyond chance, in bits. */
  bits: finite,
});
export type Carrier = v.InferOutput<typeof CarrierSchema>;

/** The information of every dimension of a model about every label and factor. */
export const CarriedLabelsSchema = v.object({
  /** Labels and factors that are not constant, in the order of the data set. */
  columns: v.array(ShownTextSchema),
  /** By column, then by dimension. */
  dimensions: v.array(v.array(CarrierSchema)),
});
export type CarriedLabels = v.InferOutput<typeof CarriedLabelsSchema>;

/** A dimension of another model that correlates with a dimension of the first. */
export const CounterpartSchema = v.object({
  dimension: count,
  /**
   * Pearson's r of the two over the same images, from −1 to 1; negative if they move in opposite directions.
   */
  correlation: v.pipe(finite, v.minValue(-1), v.maxValue(1)),
});
export type Counterpart = v.InferOutput<typeof CounterpartSchema>;

export const measureOperations = {
  /** The last measurement by an `evaluate` job or the command line; null if there is none. */
  'runs.evaluation': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema }),
    v.nullable(StoredEvaluationSchema),
  ),
  /** Which dimensions encode which labels, for matching models; @throws `not-ready` without codes */
  'models.match': operation('engine', v.object({ run: IdSchema, dataset: IdSchema }), CarriedLabelsSchema),
  /**
   * Matches models without labels: for each of `others` and each dimension of `run`, the dimension whose mu has
   * the largest absolute correlation; null if the dimension of `run` is constant. @throws `not-ready` without
   * codes of all
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
