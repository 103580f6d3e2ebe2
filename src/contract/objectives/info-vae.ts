import { defineObjective } from './descriptor.ts';
import { anyDecoder, anyWeight, kl, reconstruction, upright } from './notation.ts';

/**
 * InfoVAE: reduces the weight of KL, and adds the maximum mean discrepancy between aggregate posterior and
 * prior.
 */
export const infoVae = defineObjective({
  model: 'info-vae',
  title: 'InfoVAE',
  summary: 'keeps all codes together close to the prior, measured by MMD',
  source: 'Zhao et al. 2019',
  isPapers: false,
  isVariational: true,
  discriminator: 'none',
  decoders: anyDecoder,
  samplesAggregatePosterior: false,
  weights: {
    alpha: {
      ...anyWeight,
      symbol: 'α',
      aside: 'KL taken away',
      meaning: 'part of KL that is taken away',
      effect: '0 keeps all of KL, 1 leaves MMD alone',
      default: 0,
      source: { origin: 'published', reference: 'Zhao et al. 2019, section 5' },
      step: 0.1,
      inLabel: 'changed',
    },
    lambda: {
      ...anyWeight,
      symbol: 'λ',
      aside: 'weight of MMD',
      meaning: 'lambda of the MMD between codes and prior, which is weighted by alpha + lambda − 1',
      effect: 'more draws the codes as a whole to the prior',
      default: 1000,
      source: {
        origin: 'unravel',
        reference: 'MMD must weigh as much as an image’s error (Zhao et al. 2019, section 5)',
      },
      suggestions: [{ value: '1000, with α = 0,', data: 'MNIST', source: 'Zhao et al. 2019' }],
      step: 100,
      inLabel: 'always',
    },
  },
  formula: [
    reconstruction,
    { name: 'kl', coefficient: { constant: 1, minus: ['alpha'] }, notation: kl },
    { name: 'mmd', coefficient: { constant: -1, plus: ['alpha', 'lambda'] }, notation: [upright('MMD')] },
  ],
  klTerms: ['kl'],
  rules: [
    {
      weights: ['alpha'],
      isMet: ({ alpha }) => alpha <= 1,
      explain: ({ alpha }, called) => ({
        message: `${called('alpha')} must be at most 1, not ${alpha}.`,
        hint: 'It is the part of KL that is taken away: above 1 a larger KL would be rewarded.',
      }),
    },
    {
      weights: ['alpha', 'lambda'],
      isMet: ({ alpha, lambda }) => alpha + lambda >= 1,
      explain: ({ alpha, lambda }, called) => {
        const [a, l] = [called('alpha'), called('lambda')];
        return {
          message: `${a} and ${l} must make 1 or more together, not ${Number((alpha + lambda).toPrecision(12))}.`,
          hint: `MMD weighs ${a} + ${l} − 1: below 0 a distance from the prior would be rewarded.`,
        };
      },
    },
  ],
});
