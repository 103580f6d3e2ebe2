import { defineObjective } from './descriptor.ts';
import { autoencoderError } from './notation.ts';

/** AE: the reconstruction's error alone. */
export const autoencoder = defineObjective({
  model: 'ae',
  title: 'AE',
  summary: 'compresses and rebuilds; codes are unordered',
  source: 'Rumelhart et al. 1986',
  isPapers: true,
  isVariational: false,
  discriminator: 'none',
  decoders: {
    allowed: ['gaussian'],
    reason: 'Its output is linear, not a number from 0 to 1: leave the decoder out.',
  },
  samplesAggregatePosterior: false,
  weights: {},
  formula: [{ name: 'reconstruction', notation: autoencoderError }],
  klTerms: [],
  plainLabel: 'no prior',
});
