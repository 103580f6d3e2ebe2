import { defineObjective } from './descriptor.ts';
import { anyDecoder, kl, partOfTraining, reconstruction, weightOfKl } from './notation.ts';

/** β-VAE: the VAE with a weight β on KL, which may rise over the first part of the training. */
export const betaVae = defineObjective({
  model: 'beta-vae',
  title: 'β-VAE',
  summary: 'a VAE with a stronger prior: simpler codes, blurrier images',
  source: 'Higgins et al. 2017',
  isPapers: true,
  isVariational: true,
  discriminator: 'none',
  decoders: anyDecoder,
  samplesAggregatePosterior: false,
  weights: {
    beta: {
      ...weightOfKl,
      symbol: 'β',
      aside: 'weight of KL',
      meaning: 'weight of KL',
      effect: '1 is a VAE, more gives simpler codes',
      default: 5,
      source: { origin: 'paper', reference: 'Schik, Overview of VAE-based generative models' },
      inLabel: 'always',
    },
    warmUp: {
      ...partOfTraining,
      symbol: 'Warm-up',
      aside: 'of β',
      meaning: 'part of the training over which beta rises from 0 to its value',
      effect: 'the part of the training over which β rises to its value',
      default: 0,
      source: { origin: 'unravel', reference: 'without a warm-up, as Higgins et al. 2017' },
      inLabel: 'never',
    },
  },
  formula: [reconstruction, { name: 'kl', coefficient: 'beta', notation: kl }],
  klTerms: ['kl'],
});
