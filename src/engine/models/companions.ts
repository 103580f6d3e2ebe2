import {
  planLayers,
  type ConvSpec,
  type DenseSpec,
  type LayerSpec,
  type PlannedLayer,
  type Volume,
} from './architecture.ts';
import type { WeightSlot } from './weights.ts';

/** Number of hidden layers and of their units in FactorVAE's discriminator (Kim & Mnih 2018, appendix A). */
const CODE_LAYERS = 6;
const CODE_UNITS = 1000;

/**
 * FactorVAE's discriminator of codes: six hidden layers of 1000 units, LeakyReLU with slope 0.2. Kim & Mnih have
 * two logits, of which only the difference matters; here there is one, log D/(1 − D).
 *
 * @param units - units of each hidden layer
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
  /** The layers from pictures to the features by which reconstructions are compared. */
  readonly lower: readonly PlannedLayer[];
  /** The layers from the features to one logit, log D/(1 − D). */
  readonly upper: readonly PlannedLayer[];
}

/**
 * VAE-GAN's discriminator of pictures: convolutions that each halve the picture. The third one gives the features,
 * as in Larsen et al. 2016; for more than 64 pixels a later one, so that the features are always 8×8. Their
 * convolutions are 5×5 with up to 256 filters and batch norms, and take sixteen times as long; these are 4×4 with
 * biases and LeakyReLU with slope 0.2.
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
  const added = Array.from({ length: Math.max(0, Math.log2(imageSize / 64)) }, () => 32);
  const lower = planLayers('discriminator', [...added, 32, 64, 128].map(conv), input);
  const dense = { kind: 'dense', units: 1, parts: 1, activation: 'linear' } as const;
  const upper = planLayers('discriminator.top', [conv(256), dense], lower.at(-1)!.output);
  return { lower, upper };
}

/** Filters of the sharpening's discriminator at full size, half and a quarter of it. */
const PATCH_FILTERS = [24, 48, 96];
/** Filters at the sizes above 64 pixels. */
const PATCH_FILTERS_LARGE = 16;

/**
 * The sharpening's discriminator of pictures. It judges patches of about 26 pixels (Isola et al. 2017), so that it sees
 * edges and texture and leaves the face's build to the other errors. Its convolutions have stride 1, and between them
 * squares of pixels become their means: all pixels count equally, so that its gradient has no grid, which strided
 * convolutions would give it.
 *
 * It sees the channels of a picture and again what is fine in them (see `PatchDiscriminator`). The result is one number for
 * each patch, `[side, side, 1]`.
 */
export function planPatchDiscriminator(imageSize: number, channels: number): PlannedLayer[] {
  const conv = (filters: number, activation: ConvSpec['activation'] = 'leaky-relu-0.2'): ConvSpec => ({
    kind: 'conv',
    filters,
    kernel: 3,
    stride: 1,
    padding: 'same',
    bias: true,
    batchNorm: false,
    activation,
  });
  const added = Array.from({ length: Math.max(0, Math.log2(imageSize / 64)) }, () => PATCH_FILTERS_LARGE);
  const stages = [...added, ...PATCH_FILTERS].flatMap((filters, i): LayerSpec[] => {
    const side = imageSize / 2 ** i;
    const pool: LayerSpec = { kind: 'resize', to: [side, side], method: 'average' };
    return i === 0 ? [conv(filters)] : [pool, conv(filters)];
  });
  return planLayers('discriminator', [...stages, conv(1, 'linear')], [imageSize, imageSize, 2 * channels]);
}

/** The weight of a learned decoder variance σ²: log(σ²/½), relative to the paper's variance ½. */
export const VARIANCE_SLOT: WeightSlot = {
  name: 'likelihood.log_variance',
  shape: [1],
  role: 'offset',
  fanIn: 0,
  fanOut: 0,
};
