import * as v from 'valibot';
import { MOST_COLUMN_NAME } from './dataset.ts';
import { IdSchema } from './ids.ts';
import { MOST_DIMENSIONS } from './numbers.ts';
import { ShownTextSchema } from './shown-text.ts';

/**
 * What a direction is computed from: the difference of the means of the images with a label and those without, or the
 * normal of a regularised linear model of the label (logistic regression of a yes or no, ridge regression of a number).
 */
export const DirectionKindSchema = v.picklist(['classifier', 'difference']);
export type DirectionKind = v.InferOutput<typeof DirectionKindSchema>;

/** What a direction is to change: a label, or one value of a label against the others. */
export const DirectionTargetSchema = v.object({
  column: v.pipe(ShownTextSchema, v.maxLength(MOST_COLUMN_NAME)),
  /** The value's place in the column's words; left out for a yes or no, and for numbers. */
  value: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});
export type DirectionTarget = v.InferOutput<typeof DirectionTargetSchema>;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** How well the scores along a direction tell its label, on images that it was not computed from. */
export const DirectionQualitySchema = v.object({
  /** Area under the ROC curve for a yes or no, the squared correlation for numbers. */
  kind: v.picklist(['auc', 'r2']),
  value: v.number(),
  /** 95 % interval. */
  low: v.number(),
  high: v.number(),
  /** Number of images. */
  images: count,
});
export type DirectionQuality = v.InferOutput<typeof DirectionQualitySchema>;

const vector = v.pipe(v.array(v.pipe(v.number(), v.finite())), v.maxLength(MOST_DIMENSIONS));

/** A direction of a run's latent space. An image's score is normal · z; moving a code by `step` raises it by one deviation. */
export const DirectionSchema = v.object({
  version: v.literal(1),
  name: v.pipe(ShownTextSchema, v.minLength(1), v.maxLength(200)),
  /** The step of the checkpoint whose codes it was computed from; 0 for a run that has codes only. */
  checkpointStep: count,
  dataset: IdSchema,
  target: DirectionTargetSchema,
  kind: DirectionKindSchema,
  /** Labels whose scores do not change along the direction. */
  against: v.array(DirectionTargetSchema),
  /** The label at whose equal distribution the direction was computed. */
  equal: v.optional(DirectionTargetSchema),
  /** `[latentDim]`. */
  normal: vector,
  /** `[latentDim]`: parallel to the normal; the change of a code by which its score rises by one standard deviation. */
  step: vector,
  /** Mean and standard deviation of the scores of the images that it was computed from. */
  scores: v.object({ mean: v.number(), deviation: v.number() }),
  /** Number of images that it was computed from. */
  train: count,
  /** Null where no image was left to test it. */
  quality: v.nullable(DirectionQualitySchema),
});
export type Direction = v.InferOutput<typeof DirectionSchema>;
