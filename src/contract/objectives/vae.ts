import { defineObjective } from './descriptor.ts';
import { anyDecoder, kl, reconstruction } from './notation.ts';

/** VAE: the reconstruction's error and KL, the negative ELBO. */
export const vae = defineObjective({
  model: 'vae',
  title: 'VAE',
  summary: 'keeps codes close to a normal distribution',
  source: 'Kingma & Welling 2014',
  isPapers: true,
  isVariational: true,
  discriminator: 'none',
  decoders: anyDecoder,
  samplesAggregatePosterior: false,
  weights: {},
  formula: [reconstruction, { name: 'kl', notation: kl }],
  klTerms: ['kl'],
  plainLabel: 'β = 1',
});
