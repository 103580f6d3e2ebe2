import { UnravelError } from '../../contract/errors.ts';
import {
  DECODER_TITLES,
  descriptorOf,
  type Decoder,
  type DecoderKind,
  type ModelKind,
} from '../../contract/run.ts';
import { bernoulliLikelihood } from './bernoulli.ts';
import {
  gaussianLikelihood,
  learnedGaussianLikelihood,
  optimalGaussianLikelihood,
  PAPERS_VARIANCE,
} from './gaussian.ts';
import { laplaceLikelihood } from './laplace.ts';
import type { Likelihood } from './likelihood.ts';

/** The paper's decoder: a Gaussian with variance ½. */
export const PAPERS_DECODER: Decoder = { kind: 'gaussian', variance: PAPERS_VARIANCE };

interface DecoderDefinition {
  readonly hasVariance: boolean;
  readonly likelihood: (variance: number, learned: () => number) => Likelihood;
}

/** All decoders. A new one needs a file with its likelihood and an entry here. */
const definitions: Record<DecoderKind, DecoderDefinition> = {
  gaussian: { hasVariance: true, likelihood: gaussianLikelihood },
  bernoulli: { hasVariance: false, likelihood: () => bernoulliLikelihood() },
  laplace: { hasVariance: true, likelihood: laplaceLikelihood },
  'gaussian-learned': {
    hasVariance: false,
    likelihood: (_variance, learned) => learnedGaussianLikelihood(learned),
  },
  'gaussian-optimal': { hasVariance: false, likelihood: () => optimalGaussianLikelihood() },
};

/**
 * Makes the decoder of a model from the given settings and the paper's defaults.
 *
 * @returns undefined for the paper's own, which configs leave out
 * @throws UnravelError `bad-input` for a decoder that the model cannot have, or a variance for a decoder without
 * one
 */
export function makeDecoder(
  model: ModelKind,
  given: { readonly kind?: DecoderKind | undefined; readonly variance?: number | undefined },
): Decoder | undefined {
  const { kind = PAPERS_DECODER.kind, variance } = given;
  const { hasVariance } = definitions[kind];
  const { title, decoders } = descriptorOf(model);
  const { allowed, reason = 'Leave decoder and variance out.' } = decoders;
  const isGiven = given.kind !== undefined || variance !== undefined;
  if (isGiven && !allowed.includes(kind)) {
    const message = allowed.length
      ? `${title} cannot have a ${kind} decoder.`
      : `${title} has no choice of decoder.`;
    throw new UnravelError('bad-input', message, { hint: reason });
  }
  if (!hasVariance && variance !== undefined) {
    throw new UnravelError('bad-input', `A ${kind} decoder takes no variance.`, {
      hint: `${DECODER_TITLES[kind]}: leave the variance out, or choose gaussian or laplace.`,
    });
  }
  if (!hasVariance) return { kind };
  if (kind === PAPERS_DECODER.kind && (variance ?? PAPERS_VARIANCE) === PAPERS_VARIANCE) return undefined;
  return { kind, variance: variance ?? PAPERS_VARIANCE };
}

/** Whether the decoder's variance is learned. */
export function learnsVariance(decoder: Decoder = PAPERS_DECODER): boolean {
  return decoder.kind === 'gaussian-learned';
}

/**
 * The likelihood of a decoder.
 *
 * @param learned - returns the current variance of a decoder that learns it
 */
export function likelihoodOf(
  decoder: Decoder = PAPERS_DECODER,
  learned: () => number = () => PAPERS_VARIANCE,
): Likelihood {
  return definitions[decoder.kind].likelihood(decoder.variance ?? PAPERS_VARIANCE, learned);
}
