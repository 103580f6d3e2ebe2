import { defineObjective } from './descriptor.ts';
import { anyDecoder, anyWeight, kl, partOfTraining, reconstruction, upright } from './notation.ts';

const PUBLISHED_CAPACITY = 25;

/** Annealed VAE: KL is kept near a capacity C, which rises over the first part of the training. */
export const annealedVae = defineObjective({
  model: 'annealed-vae',
  title: 'Annealed VAE',
  summary: 'the information in a code rises to a set number of nats',
  source: 'Burgess et al. 2018',
  isPapers: false,
  isVariational: true,
  discriminator: 'none',
  decoders: anyDecoder,
  samplesAggregatePosterior: false,
  weights: {
    gamma: {
      ...anyWeight,
      symbol: 'γ',
      aside: 'of |KL − C|',
      meaning: 'weight of |KL − C|',
      effect: 'more keeps KL closer to C',
      default: 1000,
      source: { origin: 'published', reference: 'Burgess et al. 2018' },
      step: 100,
      inLabel: 'always',
    },
    capacity: {
      ...anyWeight,
      kind: 'nats',
      symbol: 'C',
      aside: 'in nats',
      meaning: 'C, the KL that is reached in the end',
      effect: 'the information in a code at the end of the training',
      default: PUBLISHED_CAPACITY,
      source: { origin: 'published', reference: 'Burgess et al. 2018' },
      ifCollapsed: {
        better: (value) => (value < PUBLISHED_CAPACITY ? PUBLISHED_CAPACITY : undefined),
        reason: (symbols) => `Raise ${symbols}, the KL that it is trained to reach.`,
      },
      inLabel: 'always',
    },
    warmUp: {
      ...partOfTraining,
      symbol: 'Warm-up',
      aside: 'of C',
      meaning: 'part of the training over which C rises from 0 to its value',
      effect: 'the part of the training over which C rises from 0',
      default: 1 / 3,
      defaultText: 'a third',
      source: { origin: 'published', reference: 'Locatello et al. 2019' },
      inLabel: 'never',
    },
  },
  formula: [
    reconstruction,
    {
      name: 'capacityGap',
      coefficient: 'gamma',
      notation: [upright('|'), ...kl, upright(' − '), { weight: 'capacity' }, upright('|')],
    },
  ],
  klTerms: ['kl'],
});
