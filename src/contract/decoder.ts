import * as v from 'valibot';

/** The decoder's distribution p(x|z). The decoded image is its mean. */
export const DecoderKindSchema = v.picklist([
  'gaussian',
  'bernoulli',
  'laplace',
  'gaussian-learned',
  'gaussian-optimal',
]);
export type DecoderKind = v.InferOutput<typeof DecoderKindSchema>;

/** The decoder's name for display. */
export const DECODER_TITLES: Readonly<Record<DecoderKind, string>> = {
  gaussian: 'Gaussian',
  bernoulli: 'Bernoulli',
  laplace: 'Laplace',
  'gaussian-learned': 'Gaussian with learned variance',
  'gaussian-optimal': 'Gaussian with optimal variance',
};

/** The decoder's distribution. A config without it uses the paper's Gaussian with variance ½. */
export const DecoderSchema = v.object({
  kind: DecoderKindSchema,
  /** Variance of every pixel and channel (Gaussian, Laplace). */
  variance: v.optional(v.pipe(v.number(), v.finite(), v.minValue(1e-6), v.maxValue(1e6))),
});
export type Decoder = v.InferOutput<typeof DecoderSchema>;
