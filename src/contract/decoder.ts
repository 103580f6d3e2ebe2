import * as v from 'valibot';

/** What a decoder's pictures are the means of: p(x|z). */
export const DecoderKindSchema = v.picklist(['gaussian', 'bernoulli', 'laplace', 'gaussian-learned']);
export type DecoderKind = v.InferOutput<typeof DecoderKindSchema>;

/** A decoder's name as people write it. */
export const DECODER_TITLES: Readonly<Record<DecoderKind, string>> = {
  gaussian: 'Gaussian',
  bernoulli: 'Bernoulli',
  laplace: 'Laplace',
  'gaussian-learned': 'Gaussian, its variance learned',
};

/** The decoder's distribution; a config without one has the paper's Gaussian of variance ½. */
export const DecoderSchema = v.object({
  kind: DecoderKindSchema,
  /** Of every pixel and channel (Gaussian, Laplace). */
  variance: v.optional(v.pipe(v.number(), v.finite(), v.minValue(1e-6), v.maxValue(1e6))),
});
export type Decoder = v.InferOutput<typeof DecoderSchema>;
