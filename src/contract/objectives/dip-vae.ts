import { defineObjective, type WeightDescriptor } from './descriptor.ts';
import { above, anyDecoder, anyWeight, below, kl, reconstruction, upright } from './notation.ts';

const source = { origin: 'published', reference: 'Kumar et al. 2018' } as const;

const ofCovariances: WeightDescriptor = {
  ...anyWeight,
  symbol: 'λ',
  subscript: 'od',
  aside: 'of covariances',
  meaning: 'weight of the squared covariances between dimensions',
  effect: 'more makes the dimensions less correlated',
  default: 10,
  source,
  inLabel: 'always',
};

const ofVariances: WeightDescriptor = {
  ...anyWeight,
  symbol: 'λ',
  subscript: 'd',
  aside: 'of variances',
  meaning: 'weight of the squared distances of the variances from 1',
  effect: 'more moves each dimension’s variance closer to 1',
  default: 10,
  source,
  inLabel: 'changed',
};

/** The entries that both kinds share. */
const shared = {
  source: 'Kumar et al. 2018',
  isPapers: false,
  isVariational: true,
  discriminator: 'none',
  decoders: anyDecoder,
  samplesAggregatePosterior: false,
  formula: [
    reconstruction,
    { name: 'kl', notation: kl },
    {
      name: 'offDiagonal',
      coefficient: 'lambda',
      notation: [upright('Σ'), below('i≠j'), upright(' Cov'), above('2')],
    },
    {
      name: 'diagonal',
      coefficient: 'lambdaDiagonal',
      notation: [upright('Σ'), below('j'), upright(' (Var − 1)'), above('2')],
    },
  ],
  klTerms: ['kl'],
} as const;

/**
 * DIP-VAE-I: penalises the distance of the covariance of the posteriors' means from the identity; λ_d = 10·λ_od
 * as published.
 */
export const dipVaeI = defineObjective({
  ...shared,
  model: 'dip-vae-i',
  title: 'DIP-VAE-I',
  summary: 'penalises correlated means of the posteriors',
  weights: { lambda: ofCovariances, lambdaDiagonal: { ...ofVariances, default: 100, step: 10 } },
});

/**
 * DIP-VAE-II: penalises the distance of the covariance of the sampled codes from the identity; λ_d = λ_od as
 * published.
 */
export const dipVaeIi = defineObjective({
  ...shared,
  model: 'dip-vae-ii',
  title: 'DIP-VAE-II',
  summary: 'penalises correlated codes instead of means',
  weights: { lambda: ofCovariances, lambdaDiagonal: ofVariances },
});
