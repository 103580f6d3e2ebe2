import type { SharpeningWeights } from '../../contract/sharpening.ts';
import type { EncoderFeatures } from '../models/encoder-features.ts';
import type { GradientSink } from '../models/layers/layer.ts';
import type { TrainingModel } from '../models/training-model.ts';
import { uploadUnit } from '../models/unit-images.ts';
import { elements } from '../models/weights.ts';
import * as ops from '../tensorflow/operations.ts';
import { download, free, scalar, upload, type Tensor } from '../tensorflow/tensors.ts';
import type { Shift } from './image-discriminator.ts';
import { inOne } from './in-one.ts';
import type { PatchDiscriminator } from './patch-discriminator.ts';

/** The factors of the parts in the loss. */
export interface Factors {
  readonly features: number;
  readonly adversarial: number;
}

/** The arguments of a step besides the model and the batch. */
export interface SharpeningParts {
  readonly discriminator: PatchDiscriminator;
  readonly features: EncoderFeatures;
  /** The lengths of the parts' gradients relative to the pixels'; or the factors themselves. */
  readonly weights: SharpeningWeights | { readonly fixed: Factors };
  /** Codes whose decoded pictures only the discriminator judges, `[batch, latentDim]`; none for an AE. */
  readonly samples: Float32Array | undefined;
  /** How far the pictures are shifted before the discriminator judges them. */
  readonly shift: Shift;
}

/** A batch of images with the codes that the unchanged encoder gives them. */
export interface SharpeningBatch {
  /** `[batch, size, size, channels]`, bytes. */
  readonly images: Uint8Array;
  /** `[batch, latentDim]`. */
  readonly codes: Float32Array;
  readonly condition?: Float32Array | undefined;
  readonly batch: number;
}

/** The parts of a step's loss. */
export interface SharpeningLoss {
  /** ‖x − x̂‖², averaged over the batch. */
  readonly pixels: number;
  readonly features: number;
  readonly adversarial: number;
  readonly discriminator: number;
  readonly factors: Factors;
  readonly total: number;
}

/**
 * One step of a decoder that is sharpened. Its loss is ‖x − x̂‖² + φ·features + ψ·adversarial.
 *
 * The factors φ and ψ are chosen in each step so that the gradients of the three parts in the reconstructions have
 * lengths in the given proportions (as Esser et al. 2021 do with those of the last layer), and are treated as
 * constants. So the same weights serve pictures of any size, and models that are good or bad. What the code cannot
 * tell, the pixels' gradients of different steps cancel in the decoder, and the discriminator's decides; what the code
 * tells, the pixels' decides.
 *
 * @param sink - receives the gradients of the decoder's weights
 */
export function sharpeningStep(
  model: TrainingModel,
  { discriminator, features, weights, samples, shift }: SharpeningParts,
  { images, codes, condition, batch }: SharpeningBatch,
  sink: GradientSink,
): SharpeningLoss {
  const { imageSize, channels } = model.spec.shape;
  const shape = [batch, imageSize, imageSize, channels];
  const kinds = samples ? 2 : 1;
  const pictures = uploadUnit(shape, images);
  const made = model.reconstruct(samples ? inOne(codes, samples) : codes, kinds * batch, {
    condition: samples && condition ? inOne(condition, condition) : condition,
  });
  const reconstructions = ops.rows(made.output, 0, shape);

  const pixels = comparePixels(pictures, reconstructions, batch);
  const featured = features.compare(pictures, reconstructions, batch);
  const judged = discriminator.compare(pictures, made.output, batch, kinds, shift);
  free(pictures, reconstructions);

  const ofReconstructions = ops.rows(judged.gradient, 0, shape);
  const factors =
    'fixed' in weights
      ? weights.fixed
      : balance(weights, pixels.gradient, featured.gradient, ofReconstructions);
  const gradient = weighted(
    [
      [pixels.gradient, 1],
      [featured.gradient, factors.features],
    ],
    kinds,
    shape,
  );
  const adversarialFactor = scalar(factors.adversarial);
  const adversarial = ops.multiply(judged.gradient, adversarialFactor);
  const sum = ops.add(gradient, adversarial);
  free(ofReconstructions, pixels.gradient, featured.gradient, judged.gradient);
  free(gradient, adversarial, adversarialFactor);
  model.backwardDecoder(made, { gradient: sum, in: 'output' }, sink);

  const { losses } = judged;
  return {
    pixels: pixels.error,
    features: featured.error,
    adversarial: losses.adversarial,
    discriminator: losses.discriminator,
    factors,
    total: pixels.error + factors.features * featured.error + factors.adversarial * losses.adversarial,
  };
}

/** ‖x − x̂‖², averaged over the batch, and its gradient. */
function comparePixels(
  images: Tensor,
  reconstructions: Tensor,
  batch: number,
): { error: number; gradient: Tensor } {
  const difference = ops.subtract(reconstructions, images);
  const halfSquare = ops.halfSquareSum(difference);
  const scale = scalar(2 / batch);
  const gradient = ops.multiply(difference, scale);
  const error = (2 * download(halfSquare)[0]!) / batch;
  free(difference, halfSquare, scale);
  return { error, gradient };
}

/** The factors that give the gradients the wanted lengths, relative to the pixels'. */
function balance(
  { perceptual, adversarial }: SharpeningWeights,
  pixels: Tensor,
  features: Tensor,
  judged: Tensor,
): Factors {
  const length = lengthOf(pixels);
  const factor = (weight: number, gradient: Tensor): number => {
    const own = weight === 0 ? 0 : lengthOf(gradient);
    return own === 0 ? 0 : (weight * length) / own;
  };
  return { features: factor(perceptual, features), adversarial: factor(adversarial, judged) };
}

function lengthOf(x: Tensor): number {
  const half = ops.halfSquareSum(x);
  const length = Math.sqrt(2 * download(half)[0]!);
  free(half);
  return length;
}

/** The weighted sum of gradients in reconstructions, with zeros for samples. */
function weighted(
  parts: readonly (readonly [Tensor, number])[],
  kinds: number,
  shape: readonly number[],
): Tensor {
  const products = parts.map(([gradient, weight]) => {
    const factor = scalar(weight);
    const product = ops.multiply(gradient, factor);
    free(factor);
    return product;
  });
  const sum = ops.addAll(products);
  free(...products);
  if (kinds === 1) return sum;
  const none = upload(shape, new Float32Array(elements(shape)));
  const all = ops.concat([sum, none], 0);
  free(sum, none);
  return all;
}
