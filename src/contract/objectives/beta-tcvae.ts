import { defineObjective } from './descriptor.ts';
import { anyDecoder, dimensionwiseKl, reconstruction, upright, weightOfKl } from './notation.ts';

const reference = 'Schik, Overview of VAE-based generative models';

/**
 * β-TCVAE: KL is decomposed into mutual information, total correlation and dimension-wise KL, each with its own
 * weight.
 */
export const betaTcvae = defineObjective({
  model: 'beta-tcvae',
  title: 'β-TCVAE',
  summary: 'penalises overlap between dimensions',
  source: 'Chen et al. 2018',
  isPapers: true,
  isVariational: true,
  discriminator: 'none',
  decoders: anyDecoder,
  samplesAggregatePosterior: true,
  weights: {
    beta: {
      ...weightOfKl,
      symbol: 'β',
      aside: 'weight of TC',
      meaning: 'weight of the total correlation',
      effect: 'more makes the dimensions more independent',
      default: 20,
      source: { origin: 'paper', reference },
      inLabel: 'always',
    },
    alpha: {
      ...weightOfKl,
      symbol: 'α',
      aside: 'weight of MI',
      meaning: 'weight of the mutual information between image and code',
      effect: 'penalty on information about the image',
      default: 1,
      source: { origin: 'paper', reference },
      step: 0.5,
      inLabel: 'changed',
    },
    gamma: {
      ...weightOfKl,
      symbol: 'γ',
      aside: 'weight of each KL',
      meaning: 'weight of the dimension-wise KL',
      effect: 'more keeps each dimension closer to the prior',
      default: 1,
      source: { origin: 'paper', reference },
      step: 0.5,
      inLabel: 'changed',
    },
  },
  formula: [
    reconstruction,
    { name: 'mutualInformation', coefficient: 'alpha', notation: [upright('MI')] },
    { name: 'totalCorrelation', coefficient: 'beta', notation: [upright('TC')] },
    { name: 'dimensionwiseKl', coefficient: 'gamma', notation: dimensionwiseKl },
  ],
  klTerms: ['mutualInformation', 'totalCorrelation', 'dimensionwiseKl'],
});
