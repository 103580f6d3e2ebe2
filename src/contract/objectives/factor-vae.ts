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
        reference: 'Kim & Mnih 2018, on CelebA',
      },
      suggestions: [
        { value: '6.4', data: 'CelebA', source: 'Kim & Mnih 2018' },
        { value: '36', data: 'dSprites', source: 'disentangling-vae' },
        { value: '3.2', data: 'chairs', source: 'disentangling-vae' },
        { value: '10 to 100', data: 'drawn images', source: 'disentanglement_lib' },
      ],
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
