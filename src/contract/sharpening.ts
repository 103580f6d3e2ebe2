import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { ShownTextSchema } from './shown-text.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const weight = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100));

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

/** What a sharpening uses if nothing else is chosen. */
export const SHARPENING_DEFAULTS = {
  adversarial: 0.8,
  perceptual: 0.5,
  epochs: 5,
  learningRate: 5e-4,
  /** A batch is at most this large: more steps with the same images serve the discriminator. */
  batchSize: 32,
} as const;
