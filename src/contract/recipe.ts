import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { DimensionIndexSchema, Float32Schema, MOST_DIMENSIONS } from './numbers.ts';
import { shownText } from './shown-text.ts';

const finite = v.pipe(v.number(), v.finite());
const code = v.pipe(v.array(Float32Schema), v.minLength(1), v.maxLength(MOST_DIMENSIONS));

/** How an animation is drawn and played; the same for both kinds. */
const motion = {
  version: v.literal(1),
  run: IdSchema,
  /** Number of values from start to end; with ping-pong the file has 2 · frames − 2 frames. */
  frames: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(240)),
  fps: v.pipe(v.number(), v.minValue(0.5), v.maxValue(50)),
  pingPong: v.boolean(),
  /** A tile's width in the file. */
  tileSizePx: v.pipe(v.number(), v.integer(), v.minValue(32), v.maxValue(512)),
  labels: v.boolean(),
  layout: v.picklist(['grid', 'rows']),
  theme: v.picklist(['dark', 'light']),
  /** The condition of a conditional model, as in its column; if left out, the default (`RunInfo.condition`). */
  condition: v.optional(Float32Schema),
};

/** The complete description of a GIF: the same recipe on the same run gives the same file, byte for byte. */
export const RecipeSchema = v.variant('kind', [
  v.object({
    kind: v.literal('traversal'),
    ...motion,
    /** The code that is varied, `[latentDim]`. */
    center: code,
    dimensions: v.pipe(v.array(DimensionIndexSchema), v.minLength(1), v.maxLength(64)),
    /** Offsets from the code's own value, in standard deviations of the prior. */
    from: v.pipe(finite, v.minValue(-20), v.maxValue(20)),
    to: v.pipe(finite, v.minValue(-20), v.maxValue(20)),
  }),
  v.object({
    kind: v.literal('axes'),
    ...motion,
    /** The code that is varied, `[latentDim]`. */
    center: code,
    /**
     * Independent axes of the run's codes. Their directions are part of the recipe, so that it gives the same file
     * after the axes were found again from other images.
     */
    axes: v.pipe(
      v.array(
        v.object({
          axis: DimensionIndexSchema,
          /** What it carries, such as `smile, 0.71 bits`; null if it carries no label or factor. */
          name: v.nullable(v.pipe(v.string(), v.maxLength(200), v.transform(shownText))),
          /** The change of the code for one standard deviation of the codes along the axis, `[latentDim]`. */
          direction: code,
        }),
      ),
      v.minLength(1),
      v.maxLength(64),
    ),
    /** Offsets from the code's own value, in standard deviations of the codes along the axis. */
    from: v.pipe(finite, v.minValue(-20), v.maxValue(20)),
    to: v.pipe(finite, v.minValue(-20), v.maxValue(20)),
  }),
  v.object({ kind: v.literal('interpolation'), ...motion, start: code, end: code }),
]);
export type Recipe = v.InferOutput<typeof RecipeSchema>;
