import * as v from 'valibot';
import { ShownTextSchema } from './shown-text.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const score = v.pipe(v.number(), v.finite());

/** The numbers that a metric was made from: one for each dimension (rows) and factor (columns). */
export const MetricMatrixSchema = v.object({
  /** What the numbers are, such as `Mutual information`. */
  title: ShownTextSchema,
  /** `nats`, or `share` for numbers from 0 to 1, `votes`, `weight`. */
  unit: v.picklist(['nats', 'share', 'votes', 'weight']),
  rows: v.array(ShownTextSchema),
  columns: v.array(ShownTextSchema),
  /** `[rows, columns]`, rows last varying fastest. */
  values: v.array(score),
});
export type MetricMatrix = v.InferOutput<typeof MetricMatrixSchema>;

/** What one metric says of a code. Scores are from 0 to 1, and more is better. */
export const MetricResultSchema = v.object({
  /** As people write it, such as `DCI disentanglement`. */
  title: ShownTextSchema,
  /** What it means, for a newcomer. */
  sentence: ShownTextSchema,
  /** Null where it cannot be measured; `reason` says why. */
  value: v.nullable(score),
  /** The 95 % interval; null where there is no value or the caller wanted no intervals. */
  low: v.nullable(score),
  high: v.nullable(score),
  /** The same metric with the factors dealt to other images: what a code scores that knows nothing. */
  shuffled: v.nullable(score),
  /** The same metric of an encoder that was never trained; null where its codes were not given. */
  randomEncoder: v.nullable(score),
  /** Why there is no value, in a sentence. */
  reason: v.optional(ShownTextSchema),
  /** What was left out or decided on the way, in sentences. */
  notes: v.array(ShownTextSchema),
  /** How many of what it was measured with, such as `{ "rows": 4000 }` or `{ "train": …, "test": … }`. */
  samples: v.record(v.string(), count),
  /** Bins that codes were cut into; null for a metric that cuts nothing. */
  bins: v.nullable(count),
  /** Resamples or repetitions behind the interval. */
  resamples: count,
  /** The factors' parts, of which the value is the mean; empty for a metric that is no mean over factors. */
  perFactor: v.array(v.object({ factor: ShownTextSchema, value: score })),
  matrix: v.nullable(MetricMatrixSchema),
});
export type MetricResult = v.InferOutput<typeof MetricResultSchema>;

/** What a dimension carries most of. */
export const DimensionNameSchema = v.object({
  dimension: count,
  /** Such as `smile, 0.71 bits`; `z4` where it carries nothing that can be told from chance. */
  name: ShownTextSchema,
  /** Mutual information with the column, less what chance gives, in bits. */
  bits: score,
  /** The label or factor; null where there is none. */
  column: v.nullable(ShownTextSchema),
});
export type DimensionName = v.InferOutput<typeof DimensionNameSchema>;

/** A measured number and its error bar, 1.96 standard errors of its sampling. */
export const EstimateSchema = v.object({ value: score, error: score });
export type Estimate = v.InferOutput<typeof EstimateSchema>;

/** KL's parts of a trained model on a data set, with the aggregate posterior of its images; nats per image. */
export const ElboDecompositionSchema = v.object({
  /** `exact`: every image's codes against every image's posterior; `sampled`: codes of some of the images. */
  method: v.picklist(['exact', 'sampled']),
  /** N, the images of the aggregate posterior. */
  images: count,
  /** Codes that the densities were evaluated at. */
  codes: count,
  /** Squared error ‖x − x̂‖² with z = mu; null where it was not measured. */
  reconstruction: v.nullable(score),
  /** Index-code mutual information I(n; z). */
  mutualInformation: EstimateSchema,
  /** KL(q(z) ‖ Πₗ q(zₗ)). */
  totalCorrelation: EstimateSchema,
  /** Σₗ KL(q(zₗ) ‖ p(zₗ)). */
  dimensionwiseKl: EstimateSchema,
  /** KL(q(z) ‖ p(z)), the sum of the two before. */
  aggregateKl: EstimateSchema,
  /** The sum of the three parts, a sample of the KL. */
  sum: EstimateSchema,
  /** KL(q(z|x) ‖ p(z)) by its closed form, which the sum must meet. */
  kl: score,
  /** MIG with the aggregate posterior instead of bins (Chen et al. 2018, eq. 6); left out where there are no labels. */
  mig: v.optional(v.object({ value: score, images: count })),
  klPerDimension: v.array(score),
  /** Dimensions with a KL above 0.01 nats. */
  activeDimensions: count,
});
export type ElboDecomposition = v.InferOutput<typeof ElboDecompositionSchema>;

/** An evaluation of a code: every metric that was asked for. */
export const EvaluationSchema = v.object({
  version: v.literal(1),
  seed: count,
  /** Rows that mutual information was measured with. */
  images: count,
  latentDim: count,
  factors: v.array(
    v.object({
      name: ShownTextSchema,
      /** True for a factor the images were drawn from, false for a label somebody gave them. */
      factor: v.boolean(),
      /** Different values, or bins where it was cut. */
      classes: count,
      /** Images that it is known of. */
      known: count,
    }),
  ),
  /** Columns that were left out, in sentences. */
  notes: v.array(ShownTextSchema),
  /** By key, such as `mig`, `dciDisentanglement`. */
  metrics: v.record(v.string(), MetricResultSchema),
  dimensionNames: v.array(DimensionNameSchema),
});
export type Evaluation = v.InferOutput<typeof EvaluationSchema>;
