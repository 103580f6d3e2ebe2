import * as v from 'valibot';
import { IdSchema } from '../ids.ts';
import { DimensionIndexSchema } from '../numbers.ts';
import { operation } from '../operation.ts';
import { tensorOf } from '../tensor.ts';
import { ShownTextSchema } from '../shown-text.ts';

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What the three axes of the scatter are. */
export const AxesSchema = v.variant('kind', [
  v.object({ kind: v.literal('pca') }),
  v.object({
    kind: v.literal('dimensions'),
    dimensions: v.tuple([DimensionIndexSchema, DimensionIndexSchema, DimensionIndexSchema]),
  }),
]);
export type Axes = v.InferOutput<typeof AxesSchema>;

/** All codes of a data set on three axes by a linear map: position = basis · (mu − mean). */
export const LinearProjectionSchema = v.object({
  kind: v.literal('linear'),
  /** `[images, 3]`. */
  positions: tensorOf('f32', 2),
  /** Part of the codes' variance that each axis holds. */
  variance: v.tuple([v.number(), v.number(), v.number()]),
  /** Orthonormal rows, `[3, latentDim]`: the way back is z + basisᵀ · (position − basis · (z − mean)). */
  basis: tensorOf('f32', 2),
  /** `[latentDim]`. */
  mean: tensorOf('f32', 1),
});
export type LinearProjection = v.InferOutput<typeof LinearProjectionSchema>;

/**
 * All codes of a data set at the positions of an embedding. It gives no map: only codes of images have a position, and
 * another code is placed among those that are nearest to it in latent space (`codes.nearest`).
 */
export const EmbeddedProjectionSchema = v.object({
  kind: v.literal('embedded'),
  /** The embedding as people write it: `UMAP`. */
  name: ShownTextSchema,
  /** `[images, 3]`. */
  positions: tensorOf('f32', 2),
});
export type EmbeddedProjection = v.InferOutput<typeof EmbeddedProjectionSchema>;

/** All codes of a data set on three axes. */
export const ProjectionSchema = v.variant('kind', [LinearProjectionSchema, EmbeddedProjectionSchema]);
export type Projection = v.InferOutput<typeof ProjectionSchema>;

/** Maximum number of codes whose neighbours are asked for at once, and of neighbours of each. */
export const MOST_NEAREST = { codes: 128, neighbours: 64 } as const;

/** What is known of one latent dimension over a data set. */
export const DimensionSchema = v.object({
  dimension: index,
  /** Mean KL to the prior, nats; for an AE 0. */
  kl: v.number(),
  /** Of mu over the data set. */
  mean: v.number(),
  deviation: v.number(),
  /** The label or factor that it carries best, where it carries one: `smile`, and how much of it. */
  name: v.optional(ShownTextSchema),
  bits: v.optional(v.number()),
});
export type Dimension = v.InferOutput<typeof DimensionSchema>;

export const codeOperations = {
  /** Whether a run's codes of a data set are there; if not, an `encode` job makes them. */
  'codes.ready': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema }),
    v.object({ ready: v.boolean() }),
  ),
  /** @throws `not-ready` without codes */
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
  /** One dimension's mu of every image, to colour points by, `[images]`; @throws `not-ready` without codes */
  'codes.dimension': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema, dimension: DimensionIndexSchema }),
    tensorOf('f32', 1),
  ),
};
