import { UnravelError } from '../../contract/errors.ts';
import {
  DECODER_TITLES,
  descriptorOf,
  type Decoder,
  type DecoderKind,
  type ModelKind,
} from '../../contract/run.ts';
import { bernoulliLikelihood } from './bernoulli.ts';
import { gaussianLikelihood, learnedGaussianLikelihood, PAPERS_VARIANCE } from './gaussian.ts';
import { laplaceLikelihood } from './laplace.ts';
import type { Likelihood } from './likelihood.ts';

/** The paper's: a Gaussian of variance ½. */
export const PAPERS_DECODER: Decoder = { kind: 'gaussian', variance: PAPERS_VARIANCE };

interface DecoderDefinition {
  readonly hasVariance: boolean;
  readonly likelihood: (variance: number, learned: () => number) => Likelihood;
}

/** A new decoder is a file with its likelihood and an entry here. */
const definitions: Record<DecoderKind, DecoderDefinition> = {
  gaussian: { hasVariance: true, likelihood: gaussianLikelihood },
  bernoulli: { hasVariance: false, likelihood: () => bernoulliLikelihood() },
  laplace: { hasVariance: true, likelihood: laplaceLikelihood },
  'gaussian-learned': {
    hasVariance: false,
    likelihood: (_variance, learned) => learnedGaussianLikelihood(learned),
  },
};

/**
 * The decoder of a model: the paper's, changed where something is said of it.
 *
 * @returns undefined for the paper's own, which configs leave out
 * @throws UnravelError `bad-input` for one that the model cannot have, or a variance that it does not have
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

/** Whether a variance learns along with a model. */
export function learnsVariance(decoder: Decoder = PAPERS_DECODER): boolean {
  return decoder.kind === 'gaussian-learned';
}

/**
 * How a decoder's pictures are compared with those they should be.
 *
 * @param learned - tells the variance of a decoder that learns it
 */
export function likelihoodOf(
  decoder: Decoder = PAPERS_DECODER,
  learned: () => number = () => PAPERS_VARIANCE,
): Likelihood {
  return definitions[decoder.kind].likelihood(decoder.variance ?? PAPERS_VARIANCE, learned);
}
