import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { ShownTextSchema } from './shown-text.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Maximum weight of a part of the loss. */
export const MOST_SHARPENING_WEIGHT = 100;
const weight = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MOST_SHARPENING_WEIGHT));

/**
 * How much the parts of the loss weigh with which a decoder is sharpened. Each is the length of the part's gradient in the
 * decoded pictures, relative to the length of the pixels' gradient.
 */
export const SharpeningWeightsSchema = v.object({
  /** The weight of the discriminator's verdict. */
  adversarial: weight,
  /** The weight of the difference of the encoder's features. */
  perceptual: weight,
});
export type SharpeningWeights = v.InferOutput<typeof SharpeningWeightsSchema>;

/** Where the decoder of a sharpened run comes from, and how it learned on. */
export const SharpeningSchema = v.object({
  /** The run that it was made from, which may have been removed since. */
  origin: v.object({ id: IdSchema, name: ShownTextSchema, step: count }),
  ...SharpeningWeightsSchema.entries,
});
export type Sharpening = v.InferOutput<typeof SharpeningSchema>;

/** The epoch of the snapshot that a sharpened run begins with: the pictures of the decoder that it was made from. */
export const BEFORE_SHARPENING = 0;

/** What a sharpening uses if nothing else is chosen. */
export const SHARPENING_DEFAULTS = {
  adversarial: 0.8,
  perceptual: 0.5,
  epochs: 5,
  learningRate: 5e-4,
  /** A batch is at most this large: more steps with the same images serve the discriminator. */
  batchSize: 32,
} as const;

/** The mean of a value of pictures with its 95 % interval. */
export const MeanSchema = v.object({ value: v.number(), low: v.number(), high: v.number(), images: count });

const looks = {
  /** The variance of the Laplacian. */
  sharpness: MeanSchema,
  /** The power of a grid in flat regions, near 1 where there is none. */
  grid: v.number(),
};

/** Measurements of one decoder on held-out images. */
export const DecoderMeasurementSchema = v.object({
  ...looks,
  /** ‖x − x̂‖² with z = mu, summed over pixels and channels. */
  error: MeanSchema,
});
export type DecoderMeasurement = v.InferOutput<typeof DecoderMeasurementSchema>;

/** What a sharpening has changed, measured on held-out images. */
export const SharpeningMeasurementSchema = v.object({
  /** The step of the sharpened run's checkpoint. */
  step: count,
  images: count,
  data: v.object(looks),
  /** Left out if the origin was removed, or trained further since. */
  before: v.exactOptional(DecoderMeasurementSchema),
  after: DecoderMeasurementSchema,
});
export type SharpeningMeasurement = v.InferOutput<typeof SharpeningMeasurementSchema>;
