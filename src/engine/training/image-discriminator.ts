import { judgePictures, type Verdict } from '../losses/adversarial.ts';
import type { ImageDiscriminatorPlan } from '../models/companions.ts';
import { Network } from '../models/network.ts';
import { elements, weightSlots, type Weights } from '../models/weights.ts';
import { createRandom } from '../basics/random.ts';
import * as ops from '../tensorflow/operations.ts';
import { download, free, intVector, scalar, upload, type Tensor } from '../tensorflow/tensors.ts';
import { Adam } from './adam.ts';
import type { Companion, Lesson } from './companion.ts';

/** A variance of features that is next to nothing is taken as so much. */
const LEAST_VARIANCE = 1e-8;

/** Pixels down and to the right. */
export type Shift = readonly [down: number, right: number];

/** How many pixels there are from one feature to the next: three convolutions halve the picture. */
const FEATURES_APART = 8;

/**
 * How far a step's pictures are shifted before they are judged. Convolutions of stride 2 see even and odd pixels with
 * different weights; what they teach a decoder has that grid in it, and so have its faces. Shifted anew at each step no
 * pixel is special. Real pictures shift too (as in Zhao et al. 2020), so it teaches the discriminator nothing wrong.
 */
export function drawShift(seed: number, step: number): Shift {
  const random = createRandom(seed, 'shift', step);
  return [random.integer(FEATURES_APART), random.integer(FEATURES_APART)];
}

/** What the discriminator says of made pictures. The tensors are the caller's. */
export interface Judgement {
  readonly verdict: Verdict;
  /** −log p(Dis_l(x)|z) up to a constant, nats, averaged over the batch. */
  readonly featureError: number;
  /** Of `featureError` in the reconstructions and samples, `[2·batch, size, size, channels]`. */
  readonly featureGradient: Tensor;
  /** Of the verdict's `adversarial`, in the same. */
  readonly adversarialGradient: Tensor;
}

/**
 * VAE-GAN's discriminator: it learns to tell data from reconstructions and samples, and lends its features to
 * compare reconstructions with data by (Larsen et al. 2016).
 */
export class ImageDiscriminator implements Companion {
  readonly #plan: ImageDiscriminatorPlan;
  /** From pictures to features, and from there to a logit. */
  readonly #lower: Network;
  readonly #upper: Network;
  readonly #adam: Adam;
  /** What was judged last; the networks remember the way there. */
  #seen: { readonly pictures: Tensor; readonly verdict: Verdict } | undefined;

  /** @param saved - its weights, and of one that has learned already its moments, as {@link state} gives them */
  constructor(plan: ImageDiscriminatorPlan, saved: Weights, learningRate: number) {
    this.#plan = plan;
    this.#lower = new Network(plan.lower, saved);
    this.#upper = new Network(plan.upper, saved);
    const variables = new Map([...this.#lower.variables, ...this.#upper.variables]);
    this.#adam = new Adam(variables, { learningRate, beta1: 0.5 }, saved);
  }

  /**
   * Compares made pictures with data. What it saw it remembers, to learn from after.
   *
   * @param images - x, `[batch, size, size, channels]`
   * @param made - reconstructions x̃ and samples x_p, `[2·batch, size, size, channels]`
   * @param shift - so many pixels down and to the right all are shifted, see {@link drawShift}
   */
  judge(images: Tensor, made: Tensor, batch: number, shift: Shift): Judgement {
    this.#forget();
    const standing = ops.concat([images, made], 0);
    const pictures = ops.roll(standing, shift);
    free(standing);
    const features = this.#lower.forward(pictures, 3 * batch);
    const logits = download(this.#upper.forward(features, 3 * batch));
    const verdict = judgePictures(logits, batch);
    const { error, gradient } = this.#compareFeatures(features, batch);
    const featureGradient = this.#inMade(
      this.#lower.backward(gradient, undefined, true, true)!,
      batch,
      shift,
    );
    const dLogits = upload([3 * batch, 1], verdict.decoderGradient);
    const dFeatures = this.#upper.backward(dLogits, undefined, true, true)!;
    const adversarialGradient = this.#inMade(
      this.#lower.backward(dFeatures, undefined, true, true)!,
      batch,
      shift,
    );
    this.#seen = { pictures, verdict };
    return { verdict, featureError: error, featureGradient, adversarialGradient };
  }

  /** One step of Adam on what was judged last, unless it told too well already. */
  learn({ step }: Lesson): void {
    if (!this.#seen) throw new Error('learn before judge');
    const { discriminatorGradient, trainsDiscriminator } = this.#seen.verdict;
    if (trainsDiscriminator) {
      const dLogits = upload([discriminatorGradient.length, 1], discriminatorGradient);
      this.#adam.begin(step + 1);
      const dFeatures = this.#upper.backward(dLogits, this.#adam.update, true)!;
      this.#lower.backward(dFeatures, this.#adam.update, false);
      this.#adam.end();
    }
    this.#forget();
  }

  state(): Weights {
    const variables = new Map([...this.#lower.variables, ...this.#upper.variables]);
    const weights = [...this.#plan.lower, ...this.#plan.upper]
      .flatMap(weightSlots)
      .map(({ name, shape }) => [name, { shape, data: variables.get(name)!.values() }] as const);
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
    free(this.#seen?.pictures);
    this.#seen = undefined;
  }

  /**
   * −log N(f; f̃, v) of the features f of data and f̃ of reconstructions, up to a constant: Σ(f − f̃)²/2v. v is the
   * mean variance of the data's features in the batch, taken as given. Larsen et al. have 1 behind a batch norm; so
   * the error is as large whatever the discriminator's scale, and needs no batch norm, with which pictures would
   * change each other's.
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

  /** The rows of a gradient in all shifted pictures that belong to made ones, as they stood before. */
  #inMade(gradient: Tensor, batch: number, [down, right]: Shift): Tensor {
    const rows = ops.rows(gradient, batch, [2 * batch, ...this.#plan.lower[0]!.input]);
    const standing = ops.roll(rows, [-down, -right]);
    free(gradient, rows);
    return standing;
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
