import { defineObjective, type NotationPart, type WeightDescriptor } from './descriptor.ts';
import { above, anyDecoder, anyWeight, reconstruction, upright, variable } from './notation.ts';

/**
 * Hsu et al. 2023 average over pixels and over dimensions, where Unravel sums: their 0.01 is 0.01 · pixels · channels /
 * dimensions here.
 */
const source = {
  origin: 'published',
  reference:
    'Hsu et al. 2023: their 0.01 for means is 10 for sums over 64 pixels in colour and 12 dimensions',
} as const;

const ofDistance: Omit<WeightDescriptor, 'aside' | 'meaning' | 'effect'> = {
  ...anyWeight,
  symbol: 'λ',
  default: 10,
  source,
  inLabel: 'changed',
};

/** f(x), what the encoder gives before it is quantised. */
const encoded: readonly NotationPart<'values'>[] = [variable('f'), upright('('), variable('x'), upright(')')];

/** QLAE: an autoencoder each of whose dimensions has one of a few learned values. */
export const qlae = defineObjective({
  model: 'qlae',
  title: 'QLAE',
  summary: 'each dimension takes one of a few learned values',
  source: 'Hsu et al. 2023',
  isPapers: false,
  isVariational: false,
  isQuantised: true,
  discriminator: 'none',
  decoders: anyDecoder,
  samplesAggregatePosterior: false,
  optimiser: {
    settings: { weightDecay: 0.1 },
    reference: 'Hsu et al. 2023: without strong weight decay the dimensions are not disentangled',
  },
  weights: {
    values: {
      kind: 'count',
      symbol: 'n',
      aside: 'values',
      meaning: 'number of values that each dimension can take',
      effect: 'fewer make each dimension simpler and images less exact',
      minimum: 2,
      maximum: 64,
      default: 10,
      source: { origin: 'published', reference: 'Hsu et al. 2023' },
      inLabel: 'always',
    },
    quantisation: {
      ...ofDistance,
      subscript: 'q',
      aside: 'on the values',
      meaning: 'weight of the quantisation error for the learned values',
      effect: 'more moves the values faster to where the codes are',
    },
    commitment: {
      ...ofDistance,
      subscript: 'c',
      aside: 'on the encoder',
      meaning: 'weight of the quantisation error for the encoder (commitment)',
      effect: 'more keeps the encoder closer to the values',
    },
  },
  formula: [
    reconstruction,
    {
      name: 'quantisation',
      coefficient: { constant: 0, plus: ['quantisation', 'commitment'] },
      notation: [
        upright('‖'),
        variable('q'),
        { weight: 'values', style: 'below' },
        upright('('),
        ...encoded,
        upright(') − '),
        ...encoded,
        upright('‖'),
        above('2'),
      ],
    },
  ],
  klTerms: [],
});
