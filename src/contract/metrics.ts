import * as v from 'valibot';
import { ShownTextSchema } from './shown-text.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const score = v.pipe(v.number(), v.finite());

/** The matrix from which a metric was computed: one value for each dimension (rows) and factor (columns). */
export const MetricMatrixSchema = v.object({
  /** Title of the values, such as `Mutual information`. */
  title: ShownTextSchema,
  /** `nats`, or `share` for numbers from 0 to 1, `votes`, `weight`. */
  unit: v.picklist(['nats', 'share', 'votes', 'weight']),
  rows: v.array(ShownTextSchema),
  columns: v.array(ShownTextSchema),
  /** `[rows, columns]`, rows last varying fastest. */
  values: v.array(score),
});
export type MetricMatrix = v.InferOutput<typeof MetricMatrixSchema>;

/** The result of one metric. Scores are from 0 to 1; higher is better. */
export const MetricResultSchema = v.object({
  /** Name for display, such as `DCI disentanglement`. */
  title: ShownTextSchema,
  /** A sentence that explains the metric to a newcomer. */
  sentence: ShownTextSchema,
  /** Null if it could not be measured; `reason` says why. */
  value: v.nullable(score),
  /** The 95 % interval; null if there is no value or no intervals were requested. */
  low: v.nullable(score),
  high: v.nullable(score),
  /**
   * The baseline: the same metric with the factors permuted among the images, so that the code carries no
   * information.
   */
  shuffled: v.nullable(score),
  /** The same metric for an untrained encoder; null if its codes were not given. */
  randomEncoder: v.nullable(score),
  /** Why there is no value, in a sentence. */
  reason: v.optional(ShownTextSchema),
  /** Sentences about what was left out or decided. */
  notes: v.array(ShownTextSchema),
  /** Sample sizes, such as `{ "rows": 4000 }` or `{ "train": …, "test": … }`. */
  samples: v.record(v.string(), count),
  /** Number of bins for the codes; null for a metric without bins. */
  bins: v.nullable(count),
  /** Number of resamples or repetitions for the interval. */
  resamples: count,
  /**
   * The value for each factor, of which `value` is the mean; empty for a metric that is not a mean over
   * factors.
   */
  perFactor: v.array(v.object({ factor: ShownTextSchema, value: score })),
  matrix: v.nullable(MetricMatrixSchema),
});
export type MetricResult = v.InferOutput<typeof MetricResultSchema>;

/** The label or factor that a dimension encodes best. */
export const DimensionNameSchema = v.object({
  dimension: count,
  /** Such as `smile, 0.71 bits`; `z4` if it is inactive or tells too little of every label. */
  name: ShownTextSchema,
  /** Mutual information with the column beyond chance, in bits. */
  bits: score,
  /** The same as a share of the column's entropy; missing in early results, and if there is no column. */
  share: v.optional(score),
  /** The label or factor; null if there is none. */
  column: v.nullable(ShownTextSchema),
});
export type DimensionName = v.InferOutput<typeof DimensionNameSchema>;

/** A measured value and its error bar: 1.96 standard errors. */
export const EstimateSchema = v.object({ value: score, error: score });
export type Estimate = v.InferOutput<typeof EstimateSchema>;

/**
 * The decomposition of a trained model's KL on a data set, with the aggregate posterior of its images; nats per
 * image.
 */
export const ElboDecompositionSchema = v.object({
  /** `exact`: every image's codes against every image's posterior; `sampled`: codes of some of the images. */
  method: v.picklist(['exact', 'sampled']),
  /** N, the images of the aggregate posterior. */
  images: count,
  /** Number of codes at which the densities were evaluated. */
  codes: count,
  /** Squared error ‖x − x̂‖² with z = mu; null if not measured. */
  reconstruction: v.nullable(score),
  /** Index-code mutual information I(n; z). */
  mutualInformation: EstimateSchema,
  /** KL(q(z) ‖ Πₗ q(zₗ)). */
  totalCorrelation: EstimateSchema,
  /** Σₗ KL(q(zₗ) ‖ p(zₗ)). */
  dimensionwiseKl: EstimateSchema,
  /** KL(q(z) ‖ p(z)), the sum of total correlation and dimension-wise KL. */
  aggregateKl: EstimateSchema,
  /** The sum of the three parts, an estimate of the KL. */
  sum: EstimateSchema,
  /** KL(q(z|x) ‖ p(z)) by its closed form, which the sum must approximate. */
  kl: score,
  /**
   * MIG with the aggregate posterior instead of bins (Chen et al. 2018, eq. 6); left out if there are no
   * labels.
   */
  mig: v.optional(v.object({ value: score, images: count })),
  klPerDimension: v.array(score),
  /** Dimensions with a KL above 0.01 nats. */
  activeDimensions: count,
});
export type ElboDecomposition = v.InferOutput<typeof ElboDecompositionSchema>;

/** An evaluation of a code with every requested metric. */
export const EvaluationSchema = v.object({
  version: v.literal(1),
  seed: count,
  /** Number of images with which mutual information was measured. */
  images: count,
  latentDim: count,
  factors: v.array(
    v.object({
      name: ShownTextSchema,
      /** True for a factor the images were generated from, false for a label. */
      factor: v.boolean(),
      /** Number of distinct values, or of bins if it was discretised. */
      classes: count,
      /** Number of images for which it is known. */
      known: count,
    }),
  ),
  /** Sentences about columns that were left out. */
  notes: v.array(ShownTextSchema),
  /** By key, such as `mig`, `dciDisentanglement`. */
  metrics: v.record(v.string(), MetricResultSchema),
  dimensionNames: v.array(DimensionNameSchema),
});
export type Evaluation = v.InferOutput<typeof EvaluationSchema>;
