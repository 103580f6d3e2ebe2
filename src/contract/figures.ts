import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { DimensionIndexSchema, MOST_DIMENSIONS } from './numbers.ts';
import { shownText } from './shown-text.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100));
const finite = v.pipe(v.number(), v.finite());
const text = v.pipe(v.string(), v.maxLength(200), v.transform(shownText));
const images = v.pipe(v.array(count), v.minLength(1), v.maxLength(100));
/** Standard deviations to either side. */
const range = v.pipe(finite, v.minValue(0.01), v.maxValue(100));

/** So many models stand side by side at most; more would be too small to see. */
export const MOST_FIGURE_RUNS = 6;

/** The figures that there are. */
export const FigureNameSchema = v.picklist(['samples', 'traversals', 'reconstructions', 'explore']);
export type FigureName = v.InferOutput<typeof FigureNameSchema>;

/** A dimension as a figure moves it. */
export const MovedDimensionSchema = v.object({
  dimension: DimensionIndexSchema,
  /** One deviation: 1, the prior's; of an AE, which has none, the deviation of its codes. */
  unit: v.pipe(finite, v.minValue(0)),
  /** What it carries of its label or factor beyond chance, in bits; null where that is not known. */
  bits: v.nullable(finite),
});

/** A label or factor, and the dimension of each model that is moved to show it. */
export const FeatureSchema = v.object({
  name: text,
  /** One for each run, in their order. */
  cells: v.pipe(
    v.array(
      v.object({
        ...MovedDimensionSchema.entries,
        /** True where the dimension falls as the label rises, so that it is moved from + to −. */
        isReversed: v.boolean(),
      }),
    ),
    v.maxLength(MOST_FIGURE_RUNS),
  ),
});
export type Feature = v.InferOutput<typeof FeatureSchema>;

/** Every dimension of one model, moved about one image's code. */
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
        /** KL to the prior, nats; null for an AE. */
        kl: v.nullable(finite),
        /** The label or factor that it carries best, where it carries one. */
        name: v.nullable(text),
      }),
    ),
    v.maxLength(MOST_DIMENSIONS),
  ),
});
export type ExploreSheet = v.InferOutput<typeof ExploreSheetSchema>;

/**
 * `recipe.json`: what a set of figures shows, whole. The same recipe in the same workspace gives the same files, byte
 * for byte. Figures that are left out are not drawn.
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
        /** What tells it from others of its name, such as `β = 5`. */
        note: text,
      }),
    ),
    v.minLength(1),
    v.maxLength(MOST_FIGURE_RUNS),
  ),
  dataset: v.object({ id: IdSchema, name: text }),
  captions: v.boolean(),
  /** Draws of the prior, each model's in rows and columns. */
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
      /** Squared error of each run's held-out images; null where it is not known. */
      errors: v.pipe(v.array(v.nullable(finite)), v.maxLength(MOST_FIGURE_RUNS)),
    }),
  ),
  explore: v.optional(v.pipe(v.array(ExploreSheetSchema), v.minLength(1), v.maxLength(MOST_FIGURE_RUNS))),
});
export type FiguresRecipe = v.InferOutput<typeof FiguresRecipeSchema>;

/** What a person says of a set of figures before its recipe is made; all that is left out is chosen. */
export const FiguresOrderSchema = v.object({
  /** As they stand side by side. */
  runs: v.pipe(v.array(IdSchema), v.minLength(1), v.maxLength(MOST_FIGURE_RUNS)),
  dataset: IdSchema,
  /** `zip`: each figure as PNG, SVG and PDF, and their recipe; `pdf`: all of them on the pages of one file. */
  format: v.picklist(['zip', 'pdf']),
  /** All figures if left out. */
  only: v.optional(
    v.pipe(v.array(FigureNameSchema), v.minLength(1), v.maxLength(FigureNameSchema.options.length)),
  ),
  /** Of the draws of the prior. */
  seed: count,
  /** Held-out ones if left out. */
  images: v.optional(images),
  /** What the rows of the traversals show; the labels that are carried best if left out. */
  features: v.optional(
    v.pipe(
      v.array(
        v.object({
          /** A label or factor; anything where a dimension of every run is given. */
          name: v.pipe(text, v.minLength(1)),
          /** Chosen by hand; runs that are left out move the dimension that carries the label best. */
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
  /** How far dimensions are moved, in deviations; 3 if left out. */
  range: v.optional(range),
  /** With captions if left out. */
  captions: v.optional(v.boolean()),
});
export type FiguresOrder = v.InferOutput<typeof FiguresOrderSchema>;
