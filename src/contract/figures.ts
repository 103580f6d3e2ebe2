import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { DimensionIndexSchema, Float32Schema, MOST_DIMENSIONS } from './numbers.ts';
import { shownText } from './shown-text.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100));
const finite = v.pipe(v.number(), v.finite());
const text = v.pipe(v.string(), v.maxLength(200), v.transform(shownText));
const images = v.pipe(v.array(count), v.minLength(1), v.maxLength(100));
/** Distance to either side, in standard deviations. */
const range = v.pipe(finite, v.minValue(0.01), v.maxValue(100));

/** Maximum number of models side by side. With more of them the images would be too small. */
export const MOST_FIGURE_RUNS = 6;

/** The names of the available figures. */
export const FigureNameSchema = v.picklist(['samples', 'traversals', 'reconstructions', 'explore']);
export type FigureName = v.InferOutput<typeof FigureNameSchema>;

/** A dimension that a figure varies. */
export const MovedDimensionSchema = v.object({
  dimension: DimensionIndexSchema,
  /**
   * The unit of movement: 1, the prior's standard deviation, or for an AE, which has no prior, the standard
   * deviation of its codes.
   */
  unit: v.pipe(finite, v.minValue(0)),
  /** Information about its label or factor beyond chance, in bits; null if unknown. */
  bits: v.nullable(finite),
});

/**
 * Of an independent axis in place of a dimension, whose number `dimension` then is: the change of the code for one standard
 * deviation of the codes along it, `[latentDim]`.
 */
const DirectionSchema = v.pipe(v.array(Float32Schema), v.minLength(1), v.maxLength(MOST_DIMENSIONS));

/** A label or factor, and for each model the dimension that is varied to show it. */
export const FeatureSchema = v.object({
  name: text,
  /** One for each run, in their order. */
  cells: v.pipe(
    v.array(
      v.object({
        ...MovedDimensionSchema.entries,
        /** True if the dimension decreases as the label increases, so that it is varied from + to −. */
        isReversed: v.boolean(),
        direction: v.optional(DirectionSchema),
      }),
    ),
    v.maxLength(MOST_FIGURE_RUNS),
  ),
});
export type Feature = v.InferOutput<typeof FeatureSchema>;

/** Every dimension of one model, or every independent axis, varied around one image's code. */
export const ExploreSheetSchema = v.object({
  run: IdSchema,
  image: count,
  range,
  steps: positive,
  /** In the order of the sheet. */
  dimensions: v.pipe(
    v.array(
      v.object({
        ...MovedDimensionSchema.entries,
        /** KL to the prior, nats; null for an AE and for axes. */
        kl: v.nullable(finite),
        /** The label or factor that it encodes best; null if it encodes none. */
        name: v.nullable(text),
        direction: v.optional(DirectionSchema),
      }),
    ),
    v.maxLength(MOST_DIMENSIONS),
  ),
});
export type ExploreSheet = v.InferOutput<typeof ExploreSheetSchema>;

/**
 * `recipe.json`: the complete description of a set of figures. The same recipe in the same workspace gives the
 * same files, byte for byte. Figures that are left out are not drawn.
 */
export const FiguresRecipeSchema = v.object({
  version: v.literal(1),
  kind: v.literal('figures'),
  runs: v.pipe(
    v.array(
      v.object({
        id: IdSchema,
        /** The step of the checkpoint that was drawn from. */
        step: count,
        /** Such as `β-VAE`. */
        name: text,
        /** What distinguishes it from others with its name, such as `β = 5`. */
        note: text,
      }),
    ),
    v.minLength(1),
    v.maxLength(MOST_FIGURE_RUNS),
  ),
  dataset: v.object({ id: IdSchema, name: text }),
  captions: v.boolean(),
  /** Samples from the prior, as a grid for each model. */
  samples: v.optional(
    v.object({
      seed: v.pipe(count, v.maxValue(Number.MAX_SAFE_INTEGER)),
      rows: positive,
      columns: positive,
    }),
  ),
  traversals: v.optional(
    v.object({
      images,
      range,
      steps: positive,
      features: v.pipe(v.array(FeatureSchema), v.minLength(1), v.maxLength(40)),
    }),
  ),
  reconstructions: v.optional(
    v.object({
      images,
      /** Whether no run was trained on them. */
      isHeldOut: v.boolean(),
      /** Squared error of each run's held-out images; null if unknown. */
      errors: v.pipe(v.array(v.nullable(finite)), v.maxLength(MOST_FIGURE_RUNS)),
    }),
  ),
  explore: v.optional(v.pipe(v.array(ExploreSheetSchema), v.minLength(1), v.maxLength(MOST_FIGURE_RUNS))),
});
export type FiguresRecipe = v.InferOutput<typeof FiguresRecipeSchema>;

/** What a person asks for, before the recipe is made. Everything that is left out is chosen automatically. */
export const FiguresOrderSchema = v.object({
  /** In order from left to right. */
  runs: v.pipe(v.array(IdSchema), v.minLength(1), v.maxLength(MOST_FIGURE_RUNS)),
  dataset: IdSchema,
  /** `zip`: each figure as PNG, SVG and PDF, and their recipe; `pdf`: all of them on the pages of one file. */
  format: v.picklist(['zip', 'pdf']),
  /** All figures if left out. */
  only: v.optional(
    v.pipe(v.array(FigureNameSchema), v.minLength(1), v.maxLength(FigureNameSchema.options.length)),
  ),
  /** Seed of the samples from the prior. */
  seed: count,
  /** Held-out ones if left out. */
  images: v.optional(images),
  /** What the rows of the traversals show; if left out, the labels that are encoded best. */
  features: v.optional(
    v.pipe(
      v.array(
        v.object({
          /** A label or factor. Any text is allowed if a dimension is given for every run. */
          name: v.pipe(text, v.minLength(1)),
          /**
           * Dimensions chosen by hand. For runs that are left out, the dimension that encodes the label best is
           * varied.
           */
          dimensions: v.pipe(
            v.array(v.object({ run: IdSchema, dimension: DimensionIndexSchema, isReversed: v.boolean() })),
            v.maxLength(MOST_FIGURE_RUNS),
          ),
        }),
      ),
      v.minLength(1),
      v.maxLength(40),
    ),
  ),
  /** How far dimensions are varied, in standard deviations; 3 if left out. */
  range: v.optional(range),
  /**
   * True to vary independent axes in place of dimensions, in the traversals and the sheets of each model. A job finds those
   * of runs that have none.
   */
  axes: v.optional(v.boolean()),
  /** With captions if left out. */
  captions: v.optional(v.boolean()),
});
export type FiguresOrder = v.InferOutput<typeof FiguresOrderSchema>;
