import { defineObjective } from './descriptor.ts';
import { anyDecoder, kl, reconstruction, upright, weightOfKl } from './notation.ts';

/** FactorVAE: the VAE with a penalty on the total correlation, which a discriminator of codes estimates. */
export const factorVae = defineObjective({
  model: 'factor-vae',
  title: 'FactorVAE',
  summary: 'penalises overlap between dimensions, measured by a discriminator',
  source: 'Kim & Mnih 2018',
  isPapers: false,
  isVariational: true,
  discriminator: 'codes',
  decoders: anyDecoder,
  samplesAggregatePosterior: false,
  weights: {
    gamma: {
      ...weightOfKl,
      symbol: 'γ',
      aside: 'weight of TC',
      meaning: 'weight of the total correlation',
      effect: 'more makes the dimensions more independent',
      default: 6.4,
      source: {
        origin: 'published',
        reference: 'Kim & Mnih 2018, on CelebA; public code takes 36 for dSprites, 3.2 for chairs',
      },
      inLabel: 'always',
    },
  },
  formula: [
    reconstruction,
    { name: 'kl', notation: kl },
    { name: 'totalCorrelation', coefficient: 'gamma', notation: [upright('TC')] },
  ],
  klTerms: ['kl'],
});
