import { defineObjective } from './descriptor.ts';
import { anyWeight, featureError, kl, squaredError, upright } from './notation.ts';

/**
 * Larsen et al. 2016 give weights for the features of their own network, and none for pixels. The defaults here
 * are for this network: the error of its features is about ten times that of pixels, so with these weights each
 * contributes about half, and the weight of KL relative to them is that of a VAE.
 */
const source = { origin: 'unravel', reference: 'features and pixels count about half each' } as const;

/** VAE-GAN: images are compared by a discriminator's features, and an adversarial loss makes them realistic. */
export const vaeGan = defineObjective({
  model: 'vae-gan',
  title: 'VAE-GAN',
  summary: 'sharper images: a discriminator judges them',
  source: 'Larsen et al. 2016',
  isPapers: false,
  isVariational: true,
  discriminator: 'images',
  decoders: {
    allowed: [],
    reason: "Its pictures are compared by the discriminator's features: leave decoder and variance out.",
  },
  samplesAggregatePosterior: false,
  weights: {
    alpha: {
      ...anyWeight,
      symbol: 'α',
      aside: 'of pixels',
      meaning: 'weight of the squared error of pixels',
      effect: '0 in the original; features alone do not see noise',
      default: 10,
      source,
      inLabel: 'changed',
    },
    beta: {
      ...anyWeight,
      symbol: 'β',
      aside: 'weight of KL',
      meaning: 'weight of KL',
      effect: 'more gives simpler codes',
      default: 25,
      source,
      ifCollapsed: {
        better: (value) => Number((value / 10).toPrecision(2)),
        reason: (symbols) => `Lower ${symbols}: KL weighs too much against the error.`,
      },
      inLabel: 'always',
    },
    lambda: {
      ...anyWeight,
      symbol: 'λ',
      aside: 'weight of GAN',
      meaning: "weight of the discriminator's judgement",
      effect: 'more gives sharper and noisier images',
      default: 30,
      source,
      step: 5,
      inLabel: 'always',
    },
  },
  formula: [
    { name: 'features', notation: featureError },
    { name: 'reconstruction', coefficient: 'alpha', notation: squaredError },
    { name: 'kl', coefficient: 'beta', notation: kl },
    { name: 'adversarial', coefficient: 'lambda', notation: [upright('GAN')] },
  ],
  klTerms: ['kl'],
});
