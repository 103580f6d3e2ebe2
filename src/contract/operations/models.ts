import * as v from 'valibot';
import { GrantSchema, IdSchema } from '../ids.ts';
import { Float32Schema, MOST_DIMENSIONS } from '../numbers.ts';
import { operation } from '../operation.ts';
import { RecipeSchema } from '../recipe.ts';
import { RunInfoSchema, TrainingConfigSchema } from '../run.ts';
import { tensorOf } from '../tensor.ts';

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Maximum number of codes in one request. */
export const MOST_CODES = 256;

/** A model's posterior and reconstruction of one image. */
export const PosteriorSchema = v.object({
  /** `[latentDim]`. */
  mu: tensorOf('f32', 1),
  /** log Σ(x), `[latentDim]`; null for an AE. */
  logVar: v.nullable(tensorOf('f32', 1)),
  /** KL to the prior per dimension, nats; zeros for an AE. */
  klPerDimension: v.array(v.number()),
  /** g(mu), `[size, size, channels]`; null for a run that has codes only. */
  reconstruction: v.nullable(tensorOf('u8', 3)),
  /** The model's input image, `[size, size, channels]`. */
  original: tensorOf('u8', 3),
  /** ‖x − g(mu)‖², summed over pixels and channels; null for a run that has codes only. */
  squaredError: v.nullable(v.number()),
  /**
   * The image's label that was the condition of a conditional model, as in its column. Left out if the label is
   * unknown and the default was used.
   */
  condition: v.optional(v.number()),
});
export type Posterior = v.InferOutput<typeof PosteriorSchema>;

/** A GIF's frames, as indices into its palette. */
export const PreviewSchema = v.object({
  width: index,
  height: index,
  /** `[colours, 3]`. */
  palette: tensorOf('u8', 2),
  /** `[frames, height, width]`. */
  frames: tensorOf('u8', 3),
  /** How long each frame is shown. */
  delaysMs: v.array(v.number()),
  /** The size of the file. */
  bytes: index,
});
export type Preview = v.InferOutput<typeof PreviewSchema>;

/** A layer of a model that is planned. */
const PlannedPartSchema = v.object({
  kind: v.picklist([
    'conv',
    'conv-transpose',
    'dense',
    'reshape',
    'append',
    'activation',
    'resize',
    'residual',
  ]),
  /** `[height, width, channels]`. */
  output: v.tuple([index, index, index]),
  parameters: index,
});
export type PlannedPart = v.InferOutput<typeof PlannedPartSchema>;

/** The layers of a model that is not trained yet, and what they cost. */
export const PlannedModelSchema = v.object({
  parameters: index,
  /** Multiplications for an image through encoder and decoder; a training step takes three times as many. */
  multiplications: index,
  encoder: v.array(PlannedPartSchema),
  decoder: v.array(PlannedPartSchema),
});
export type PlannedModel = v.InferOutput<typeof PlannedModelSchema>;

export const modelOperations = {
  /**
   * Opens a model of a source as a run: a folder or zip that Unravel exported, or a folder of disentangling-vae. The
   * answer is null if the source contains no model.
   *
   * @throws `bad-input` if the model is damaged or of an unknown kind
   */
  'models.import': operation('host', v.object({ source: GrantSchema }), v.nullable(RunInfoSchema)),

  /**
   * Decodes codes `[n, latentDim]` to images `[n, size, size, channels]`. For a conditional model, `condition`
   * is one value for all codes or one for each, as in its column; if left out, the default
   * (`RunInfo.condition`).
   */
  'models.decode': operation(
    'engine',
    v.object({
      run: IdSchema,
      z: v.pipe(
        tensorOf('f32', 2),
        v.check(({ shape: [count = 0] }) => count <= MOST_CODES, `has more than ${MOST_CODES} codes`),
        v.check(
          ({ shape: [, latentDim = 0] }) => latentDim <= MOST_DIMENSIONS,
          `has more than ${MOST_DIMENSIONS} dimensions`,
        ),
      ),
      condition: v.optional(
        v.union([Float32Schema, v.pipe(v.array(Float32Schema), v.maxLength(MOST_CODES))]),
      ),
    }),
    tensorOf('u8', 4),
  ),
  'models.posterior': operation(
    'engine',
    v.object({ run: IdSchema, dataset: IdSchema, index }),
    PosteriorSchema,
  ),
  /** Codes drawn from the prior N(0, I), `[count, latentDim]`. The first codes do not depend on `count`. */
  'models.samples': operation(
    'engine',
    v.object({
      run: IdSchema,
      seed: index,
      count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_CODES)),
    }),
    tensorOf('f32', 2),
  ),
  /** The first code of `models.samples`, `[latentDim]`. */
  'models.sample': operation('engine', v.object({ run: IdSchema, seed: index }), tensorOf('f32', 1)),
  /**
   * The layers that a training's settings would give for a data set's images.
   *
   * @throws `bad-input` for an architecture of a person's own whose layers do not fit together
   */
  'models.plan': operation(
    'engine',
    v.object({ dataset: IdSchema, config: TrainingConfigSchema }),
    PlannedModelSchema,
  ),
  /** The frames that a recipe's GIF would have. */
  'models.preview': operation('engine', v.object({ recipe: RecipeSchema }), PreviewSchema),
};
