import { adversarialLosses, type AdversarialLosses } from '../losses/adversarial.ts';
import type { ImageDiscriminatorPlan } from '../models/companions.ts';
import { Network, valuesOf } from '../models/network.ts';
import { elements, weightSlots, type Weights } from '../models/weights.ts';
import { createRandom } from '../basics/random.ts';
import * as ops from '../tensorflow/operations.ts';
import { download, free, intVector, scalar, upload, type Tensor } from '../tensorflow/tensors.ts';
import { Adam } from './adam.ts';
import type { Companion, Lesson } from './companion.ts';

/** Minimum variance of features, to avoid a division by almost zero. */
const LEAST_VARIANCE = 1e-8;

/** A cyclic shift in pixels. */
export type Shift = readonly [down: number, right: number];

/** Distance in pixels between neighbouring features, because three convolutions halve the picture. */
const FEATURES_APART = 8;

/**
 * Draws the shift that a step applies to all pictures before the discriminator. Convolutions with stride 2 weight
 * even and odd pixels differently, and their gradient would give the decoder's images a grid pattern. A random
 * shift in each step avoids it. Real pictures are shifted too (as in Zhao et al. 2020), so the shift does not help
 * to distinguish them.
 */
export function drawShift(seed: number, step: number): Shift {
  const random = createRandom(seed, 'shift', step);
  return [random.integer(FEATURES_APART), random.integer(FEATURES_APART)];
}

/** The losses on decoded pictures. The caller owns the tensors. */
export interface DiscriminatorLosses {
  readonly losses: AdversarialLosses;
  /** −log p(Dis_l(x)|z) up to a constant, nats, averaged over the batch. */
  readonly featureError: number;
  /** Gradient of `featureError` in the reconstructions and samples, `[2·batch, size, size, channels]`. */
  readonly featureGradient: Tensor;
  /** Gradient of `losses.adversarial` in the reconstructions and samples. */
  readonly adversarialGradient: Tensor;
}

/**
 * VAE-GAN's discriminator: it learns to distinguish data from reconstructions and samples, and its features are
 * used to compare reconstructions with data (Larsen et al. 2016).
 */
export class ImageDiscriminator implements Companion {
  readonly #plan: ImageDiscriminatorPlan;
  /** The layers from pictures to features, and from features to a logit. */
  readonly #lower: Network;
  readonly #upper: Network;
  readonly #adam: Adam;
  /** The pictures of the last comparison, for which the networks keep their tensors, and their losses. */
  #last: { readonly pictures: Tensor; readonly losses: AdversarialLosses } | undefined;

  /** @param saved - its weights, and its moments if it was trained before, from {@link state} */
  constructor(plan: ImageDiscriminatorPlan, saved: Weights, learningRate: number) {
    this.#plan = plan;
    this.#lower = new Network(plan.lower, saved);
    this.#upper = new Network(plan.upper, saved);
    const variables = new Map([...this.#lower.variables, ...this.#upper.variables]);
    this.#adam = new Adam(variables, { learningRate, beta1: 0.5 }, saved);
  }

  /**
   * Compares decoded pictures with data, and keeps the tensors for {@link learn}.
   *
   * @param images - x, `[batch, size, size, channels]`
   * @param made - reconstructions x̃ and samples x_p, `[2·batch, size, size, channels]`
   * @param shift - shift of all pictures, see {@link drawShift}
   */
  compare(images: Tensor, made: Tensor, batch: number, shift: Shift): DiscriminatorLosses {
    this.#forget();
    const unshifted = ops.concat([images, made], 0);
    const pictures = ops.roll(unshifted, shift);
    free(unshifted);
    const features = this.#lower.forward(pictures, 3 * batch);
    const logits = download(this.#upper.forward(features, 3 * batch));
    const losses = adversarialLosses(logits, batch);
    const { error, gradient } = this.#compareFeatures(features, batch);
    const featureGradient = this.#inMade(
      this.#lower.backward(gradient, undefined, true, true)!,
      batch,
      shift,
    );
    const dLogits = upload([3 * batch, 1], losses.decoderGradient);
    const dFeatures = this.#upper.backward(dLogits, undefined, true, true)!;
    const adversarialGradient = this.#inMade(
      this.#lower.backward(dFeatures, undefined, true, true)!,
      batch,
      shift,
    );
    this.#last = { pictures, losses };
    return { losses, featureError: error, featureGradient, adversarialGradient };
  }

  /** One step of Adam on the pictures of the last comparison, unless the discriminator is paused. */
  learn({ step, rateFactor }: Lesson): void {
    if (!this.#last) throw new Error('learn before compare');
    const { discriminatorGradient, trainsDiscriminator } = this.#last.losses;
    if (trainsDiscriminator) {
      const dLogits = upload([discriminatorGradient.length, 1], discriminatorGradient);
      this.#adam.begin(step + 1, rateFactor);
      const dFeatures = this.#upper.backward(dLogits, this.#adam.update, true)!;
      this.#lower.backward(dFeatures, this.#adam.update, false);
      this.#adam.end();
    }
    this.#forget();
  }

  state(): Weights {
    const variables = new Map([...this.#lower.variables, ...this.#upper.variables]);
    const weights = valuesOf([...this.#plan.lower, ...this.#plan.upper].flatMap(weightSlots), variables);
    return new Map([...weights, ...this.#adam.moments()]);
  }

  dispose(): void {
    this.#forget();
    this.#adam.dispose();
    this.#lower.dispose();
    this.#upper.dispose();
  }

  #forget(): void {
    this.#lower.release();
    this.#upper.release();
    free(this.#last?.pictures);
    this.#last = undefined;
  }

  /**
   * −log N(f; f̃, v) of the features f of data and f̃ of reconstructions, up to a constant: Σ(f − f̃)²/2v. v is the
   * mean variance of the data's features in the batch, which is treated as a constant. It makes the error
   * independent of the scale of the features. Larsen et al. use v = 1 after a batch norm, with which the result of
   * a picture would depend on the other pictures.
   */
  #compareFeatures(features: Tensor, batch: number): { error: number; gradient: Tensor } {
    const volume = this.#plan.lower.at(-1)!.output;
    const numbers = batch * elements(volume);
    const shape = [batch, ...volume];
    const [real, made] = [ops.rows(features, 0, shape), ops.rows(features, batch, shape)];
    const variance = Math.max(LEAST_VARIANCE, meanVariance(real, batch, numbers));
    const difference = ops.subtract(made, real);
    const halfSquare = ops.halfSquareSum(difference);
    const scale = scalar(1 / (variance * batch));
    const slope = ops.multiply(difference, scale);
    const none = upload(shape, new Float32Array(numbers));
    const gradient = ops.concat([none, slope, none], 0);
    const error = download(halfSquare)[0]! / (variance * batch);
    free(real, made, difference, halfSquare, scale, slope, none);
    return { error, gradient };
  }

  /** The rows of a gradient in all shifted pictures that belong to decoded ones, shifted back. */
  #inMade(gradient: Tensor, batch: number, [down, right]: Shift): Tensor {
    const rows = ops.rows(gradient, batch, [2 * batch, ...this.#plan.lower[0]!.input]);
    const unshifted = ops.roll(rows, [-down, -right]);
    free(gradient, rows);
    return unshifted;
  }
}

/** The variance of each feature over the batch, averaged over the features. */
function meanVariance(features: Tensor, batch: number, numbers: number): number {
  const axis = intVector([0]);
  const sum = ops.sum(features, axis);
  const share = scalar(1 / batch);
  const mean = ops.multiply(sum, share);
  const distance = ops.subtract(features, mean);
  const halfSquare = ops.halfSquareSum(distance);
  const variance = (2 * download(halfSquare)[0]!) / numbers;
  free(axis, sum, share, mean, distance, halfSquare);
  return variance;
}
