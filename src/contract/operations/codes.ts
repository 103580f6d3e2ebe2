import * as v from 'valibot';
import { IdSchema } from '../ids.ts';
import { DimensionIndexSchema } from '../numbers.ts';
import { operation } from '../operation.ts';
import { tensorOf } from '../tensor.ts';
import { ShownTextSchema } from '../shown-text.ts';

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const ThreeSchema = v.tuple([DimensionIndexSchema, DimensionIndexSchema, DimensionIndexSchema]);

/** The three axes of the scatter plot: principal components, dimensions, or independent axes of the codes. */
export const AxesSchema = v.variant('kind', [
  v.object({ kind: v.literal('pca') }),
  v.object({ kind: v.literal('dimensions'), dimensions: ThreeSchema }),
  v.object({ kind: v.literal('independent'), axes: ThreeSchema }),
]);
export type Axes = v.InferOutput<typeof AxesSchema>;

/** All codes of a data set on three axes by a linear map: position = basis · (mu − mean). */
export const LinearProjectionSchema = v.object({
  kind: v.literal('linear'),
  /** `[images, 3]`. */
  positions: tensorOf('f32', 2),
  /** Part of the codes' variance that each axis explains. */
  variance: v.tuple([v.number(), v.number(), v.number()]),
  /** `[3, latentDim]`; orthonormal rows unless the axes are independent ones. */
  basis: tensorOf('f32', 2),
  /**
   * How a code changes along each axis while the others stay, `[3, latentDim]`: a code at another position is
   * z + inverseᵀ · (position − basis · (z − mean)). The basis itself where that is orthonormal.
   */
  inverse: tensorOf('f32', 2),
  /** `[latentDim]`. */
  mean: tensorOf('f32', 1),
});
export type LinearProjection = v.InferOutput<typeof LinearProjectionSchema>;

/**
 * The positions of all codes of a data set in an embedding. There is no map for other codes: a code that
 * belongs to no image is placed between its nearest neighbours in latent space (`codes.nearest`).
 */
export const EmbeddedProjectionSchema = v.object({
  kind: v.literal('embedded'),
  /** The embedding's name for display: `UMAP`. */
  name: ShownTextSchema,
  /** `[images, 3]`, or `[images, 2]` where the embedding has two axes. */
  positions: v.pipe(
    tensorOf('f32', 2),
    v.check(({ shape: [, axes] }) => axes === 2 || axes === 3, 'has neither two nor three axes'),
  ),
});
export type EmbeddedProjection = v.InferOutput<typeof EmbeddedProjectionSchema>;

/** All codes of a data set on three axes, or on two. */
export const ProjectionSchema = v.variant('kind', [LinearProjectionSchema, EmbeddedProjectionSchema]);
export type Projection = v.InferOutput<typeof ProjectionSchema>;

/** Maximum number of codes in one request, and of neighbours of each code. */
export const MOST_NEAREST = { codes: 128, neighbours: 64 } as const;

/** One of the learned values of a dimension, and how often it occurs. */
const LatentValueSchema = v.object({ value: v.number(), share: v.number() });
export type LatentValue = v.InferOutput<typeof LatentValueSchema>;

/**
 * The place of the value nearest to a number; of two that are equally near, the first.
 *
 * @param values - at least one
 */
export function nearestValue(values: readonly LatentValue[], number: number): number {
  let nearest = 0;
  values.forEach(({ value }, i) => {
    if (Math.abs(value - number) < Math.abs(values[nearest]!.value - number)) nearest = i;
  });
  return nearest;
}

/** The learned value nearest to a number; the number itself where a dimension has none. */
export function nearestOrSame(values: readonly LatentValue[] | undefined, number: number): number {
  return values?.[nearestValue(values, number)]?.value ?? number;
}

/**
 * The learned value so many places above the one nearest to a number, or the outer one.
 *
 * @param values - at least one, in ascending order
 */
export function valueBeside(values: readonly LatentValue[], number: number, places: number): number {
  const place = nearestValue(values, number) + places;
  return values[Math.max(0, Math.min(values.length - 1, place))]!.value;
}

/**
 * The learned values that a traversal of so many codes goes over, from the least to the greatest: each as often as the others
 * or once more, and of more values than codes an even choice.
 *
 * @param values - at least one, in ascending order
 */
export function traversedValues(values: readonly LatentValue[], count: number): number[] {
  const last = Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => values[Math.round((i / last) * (values.length - 1))]!.value);
}

/** Statistics of one latent dimension over a data set. */
export const DimensionSchema = v.object({
  dimension: index,
  /** Mean KL to the prior, nats; 0 for an AE. */
  kl: v.number(),
  /** Mean and standard deviation of mu over the data set. */
  mean: v.number(),
  deviation: v.number(),
  /**
   * The label or factor that it encodes best, if it encodes one, such as `smile`, and its information in bits. An
   * inactive dimension has no name, nor one that tells too little of every label (`LEAST_NAMED_SHARE`).
   */
  name: v.optional(ShownTextSchema),
  bits: v.optional(v.number()),
  /** Its information as a share of the label's entropy. */
  share: v.optional(v.number()),
  /**
   * The learned values that a dimension of a quantised model can take, in ascending order, with how often training images
   * have them, from 0 to 1.
   */
  values: v.exactOptional(v.array(LatentValueSchema)),
  /** Number of dimensions with this name, including this one. */
  sameName: v.optional(index),
});
export type Dimension = v.InferOutput<typeof DimensionSchema>;

/** One independent axis of a run's codes. */
export const IndependentAxisSchema = v.object({
  axis: index,
  /** Its part of the variance of the codes' dimensions that the axes are of, from 0 to 1. */
  variance: v.number(),
  /** The label or factor that it encodes best, its information, share and namesakes, as in {@link DimensionSchema}. */
  name: v.optional(ShownTextSchema),
  bits: v.optional(v.number()),
  share: v.optional(v.number()),
  sameName: v.optional(index),
});
export type IndependentAxis = v.InferOutput<typeof IndependentAxisSchema>;

/** The independent axes of a run's codes of a data set: s = unmixing · (z − mean), and z changes by mixing · Δs. */
export const IndependentAxesSchema = v.object({
  /** In order of their variance, the largest first. */
  axes: v.array(IndependentAxisSchema),
  /** `[latentDim]`. */
  mean: tensorOf('f32', 1),
  /** `[axes, latentDim]`; values along an axis have unit variance over the images. */
  unmixing: tensorOf('f32', 2),
  /** `[latentDim, axes]`. */
  mixing: tensorOf('f32', 2),
  /** False where the codes are nearly Gaussian along some directions, so that axes there are arbitrary. */
  hasConverged: v.boolean(),
});
export type IndependentAxes = v.InferOutput<typeof IndependentAxesSchema>;

export const codeOperations = {
  /** Whether a run's codes of a data set exist; if not, an `encode` job computes them. */
  'codes.ready': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema }),
    v.object({ ready: v.boolean() }),
  ),
  /** @throws `not-ready` without codes, `not-found` for independent axes that are not found yet */
  'codes.project': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema, axes: AxesSchema }),
    ProjectionSchema,
  ),
  /**
   * The images whose mu is nearest to each code, by Euclidean distance in latent space, nearest first: `[n, count]`, or
   * fewer columns where there are fewer images. @throws `not-ready` without codes
   */
  'codes.nearest': operation(
    'engine',
    v.object({
      run: IdSchema,
      dataset: IdSchema,
      /** `[n, latentDim]`. */
      z: v.pipe(
        tensorOf('f32', 2),
        v.check(({ shape: [n = 0] }) => n <= MOST_NEAREST.codes, `has more than ${MOST_NEAREST.codes} codes`),
      ),
      count: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MOST_NEAREST.neighbours)),
    }),
    tensorOf('i32', 2),
  ),
  /** Every dimension, in order; @throws `not-ready` without codes */
  'codes.dimensions': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema }),
    v.array(DimensionSchema),
  ),
  /** One dimension's mu of every image, for colouring points, `[images]`; @throws `not-ready` without codes */
  'codes.dimension': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema, dimension: DimensionIndexSchema }),
    tensorOf('f32', 1),
  ),
  /** The independent axes that an `axes` job has found; null if there are none of the run's present checkpoint. */
  'codes.axes': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema }),
    v.nullable(IndependentAxesSchema),
  ),
  /**
   * The values of every image along one independent axis, `[images]`; @throws `not-ready` without codes,
   * `not-found` without axes
   */
  'codes.axis': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema, axis: DimensionIndexSchema }),
    tensorOf('f32', 1),
  ),
};
