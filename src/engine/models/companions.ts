import { planLayers, type ConvSpec, type DenseSpec, type PlannedLayer, type Volume } from './architecture.ts';
import type { WeightSlot } from './weights.ts';

/** Hidden layers and their units of FactorVAE's discriminator (Kim & Mnih 2018, appendix A). */
const CODE_LAYERS = 6;
const CODE_UNITS = 1000;

/**
 * The discriminator of codes of FactorVAE: six hidden layers of 1000 units, LeakyReLU of slope 0.2. Kim & Mnih end in
 * two logits, of which only the difference counts: here it is one, log D/(1 − D).
 *
 * @param units - of a hidden layer
 */
export function planCodeDiscriminator(latentDim: number, units = CODE_UNITS): PlannedLayer[] {
  const hidden: DenseSpec = { kind: 'dense', units, parts: 1, activation: 'leaky-relu-0.2' };
  const layers = [
    ...Array.from({ length: CODE_LAYERS }, () => hidden),
    { kind: 'dense', units: 1, parts: 1, activation: 'linear' } as const,
  ];
  return planLayers('discriminator', layers, [1, 1, latentDim]);
}

/** A discriminator of pictures, in two parts. */
export interface ImageDiscriminatorPlan {
  /** From pictures to the features that reconstructions are compared by. */
  readonly lower: readonly PlannedLayer[];
  /** From there to one logit, log D/(1 − D). */
  readonly upper: readonly PlannedLayer[];
}

/**
 * The discriminator of pictures of VAE-GAN: convolutions that halve the picture, of which the third gives the
 * features, as in Larsen et al. 2016. Theirs are 5×5, up to 256 wide and have batch norms, and cost sixteen times as
 * much; these are 4×4 with biases and LeakyReLU of slope 0.2.
 */
export function planImageDiscriminator(imageSize: number, channels: number): ImageDiscriminatorPlan {
  const conv = (filters: number): ConvSpec => ({
    kind: 'conv',
    filters,
    kernel: 4,
    stride: 2,
    padding: 'same',
    bias: true,
    batchNorm: false,
    activation: 'leaky-relu-0.2',
  });
  const input: Volume = [imageSize, imageSize, channels];
  const lower = planLayers('discriminator', [32, 64, 128].map(conv), input);
  const dense = { kind: 'dense', units: 1, parts: 1, activation: 'linear' } as const;
  const upper = planLayers('discriminator.top', [conv(256), dense], lower.at(-1)!.output);
  return { lower, upper };
}

/** The logarithm of how many times the paper's ½ the variance of a decoder is that learns it. */
export const VARIANCE_SLOT: WeightSlot = {
  name: 'likelihood.log_variance',
  shape: [1],
  role: 'offset',
  fanIn: 0,
  fanOut: 0,
};
