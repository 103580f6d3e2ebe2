import { leastSquaresLosses, type LeastSquaresLosses } from '../losses/least-squares.ts';
import type { PlannedLayer } from '../models/architecture.ts';
import { Network, valuesOf } from '../models/network.ts';
import { weightSlots, type Weights } from '../models/weights.ts';
import * as ops from '../tensorflow/operations.ts';
import { download, Dtype, free, intVector, upload, type Tensor } from '../tensorflow/tensors.ts';
import { Adam } from './adam.ts';
import type { Companion, Lesson } from './companion.ts';
import type { Shift } from './image-discriminator.ts';

/** How much the differences from the neighbourhood are enlarged: in blurred and real pictures they are about this small. */
const FINE_GAIN = 8;
/** Weights of a pixel's neighbours in its neighbourhood's mean, along each axis. */
const BINOMIAL = [1 / 4, 1 / 2, 1 / 4];
/** The discriminator's learning rate relative to the decoder's: it must keep up with it (Heusel et al. 2017). */
const RATE_FACTOR = 4;

/**
 * A filter that gives each channel twice: as it is, and its enlarged difference from the mean of its neighbourhood. With
 * pixels alone, a discriminator takes thousands of steps to find that the difference between data and decoded pictures is in
 * what is fine.
 */
function emphasis(channels: number): Float32Array {
  const filter = new Float32Array(9 * channels * 2 * channels);
  for (let y = 0; y < 3; y++) {
    for (let x = 0; x < 3; x++) {
      const isMiddle = y === 1 && x === 1 ? 1 : 0;
      for (let c = 0; c < channels; c++) {
        const at = ((y * 3 + x) * channels + c) * 2 * channels;
        filter[at + c] = isMiddle;
        filter[at + channels + c] = FINE_GAIN * (isMiddle - BINOMIAL[y]! * BINOMIAL[x]!);
      }
    }
  }
  return filter;
}

const GEOMETRY = { stride: 1, padding: 'same' } as const;

/** The discriminator of the sharpening: it learns to distinguish patches of data from those of decoded pictures. */
export class PatchDiscriminator implements Companion {
  readonly #plan: readonly PlannedLayer[];
  readonly #network: Network;
  readonly #adam: Adam;
  readonly #emphasis: Tensor;
  /** The pictures of the last comparison, for which the network keeps its tensors, and their losses. */
  #last:
    { readonly emphasised: Tensor; readonly rows: number; readonly losses: LeastSquaresLosses } | undefined;

  /**
   * @param plan - layers from `planPatchDiscriminator`
   * @param saved - its weights, and its moments if it was trained before, from {@link state}
   * @param compute - dtype of the convolutions
   */
  constructor(plan: readonly PlannedLayer[], saved: Weights, learningRate: number, compute?: Dtype) {
    this.#plan = plan;
    this.#network = new Network(plan, saved, compute);
    const rates = { learningRate: RATE_FACTOR * learningRate, beta1: 0.5 };
    this.#adam = new Adam(this.#network.variables, rates, saved);
    const channels = plan[0]!.input[2] / 2;
    this.#emphasis = upload([3, 3, channels, 2 * channels], emphasis(channels));
  }

  /**
   * Judges data and decoded pictures, and keeps the tensors for {@link learn}.
   *
   * @param images - x, `[batch, size, size, channels]`
   * @param made - `kinds` times as many pictures: reconstructions, and samples or none
   * @param shift - shift of all pictures, see `drawShift`
   * @returns the losses, and the gradient of `adversarial` in the made pictures, which the caller owns
   */
  compare(
    images: Tensor,
    made: Tensor,
    batch: number,
    kinds: number,
    shift: Shift,
  ): { losses: LeastSquaresLosses; gradient: Tensor } {
    this.#forget();
    const unshifted = ops.concat([images, made], 0);
    const pictures = ops.roll(unshifted, shift);
    const emphasised = ops.conv2d(pictures, this.#emphasis, GEOMETRY, Dtype.float);
    free(unshifted, pictures);
    const [height, width] = this.#plan.at(-1)!.output;
    const rows = (1 + kinds) * batch;
    const outputs = download(this.#network.forward(emphasised, rows));
    const losses = leastSquaresLosses(outputs, batch * height * width);
    this.#last = { emphasised, rows, losses };
    const dOutputs = upload([rows, height, width, 1], losses.decoderGradient);
    const dEmphasised = this.#network.backward(dOutputs, undefined, true, true)!;
    const [side, , doubled] = this.#plan[0]!.input;
    const shape = intVector([rows, side, side, doubled / 2]);
    const gradient = ops.conv2dInputGradient(shape, this.#emphasis, dEmphasised, GEOMETRY, Dtype.float);
    free(shape, dEmphasised);
    const ofMade = ops.rows(gradient, batch, [kinds * batch, side, side, doubled / 2]);
    const unshiftedGradient = ops.roll(ofMade, [-shift[0], -shift[1]]);
    free(gradient, ofMade);
    return { losses, gradient: unshiftedGradient };
  }

  /** One step of Adam on the pictures of the last comparison, unless the discriminator is paused. */
  learn({ step, rateFactor }: Lesson): void {
    if (!this.#last) throw new Error('learn before compare');
    const { losses, rows } = this.#last;
    if (losses.trainsDiscriminator) {
      const [height, width] = this.#plan.at(-1)!.output;
      const dOutputs = upload([rows, height, width, 1], losses.discriminatorGradient);
      this.#adam.begin(step + 1, rateFactor);
      this.#network.backward(dOutputs, this.#adam.update, false);
      this.#adam.end();
    }
    this.#forget();
  }

  state(): Weights {
    const weights = valuesOf(this.#plan.flatMap(weightSlots), this.#network.variables);
    return new Map([...weights, ...this.#adam.moments()]);
  }

  dispose(): void {
    this.#forget();
    this.#adam.dispose();
    this.#network.dispose();
    free(this.#emphasis);
  }

  #forget(): void {
    this.#network.release();
    free(this.#last?.emphasised);
    this.#last = undefined;
  }
}
