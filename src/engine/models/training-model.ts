import type { Precision } from '../../contract/run.ts';
import * as ops from '../tensorflow/operations.ts';
import { download, Dtype, free, scalar, upload, type Tensor } from '../tensorflow/tensors.ts';
import type { Variable } from '../tensorflow/variable.ts';
import { planModel, type ModelSpec, type PlannedLayer } from './architecture.ts';
import type { GradientSink, Layer, StatisticsSink } from './layers/layer.ts';
import { makeLayer } from './layers/make-layer.ts';
import { modelSlots, type Weights } from './weights.ts';

/** Layers in a row. */
class Network {
  readonly layers: readonly Layer[];
  readonly dtype: Dtype;

  constructor(plan: readonly PlannedLayer[], weights: Weights, compute: Dtype) {
    let dtype: Dtype = Dtype.float;
    this.layers = plan.map((planned) => {
      const layer = makeLayer(planned, weights, dtype, compute);
      dtype = layer.dtype;
      return layer;
    });
    this.dtype = dtype;
  }

  /** @returns the last layer's result, which stays the network's until the way back or `release` */
  forward(x: Tensor, batch: number, statistics?: StatisticsSink): Tensor {
    let y = x;
    for (const layer of this.layers) y = layer.forward(y, batch, statistics);
    return y;
  }

  backward(dy: Tensor, sink: GradientSink, needsInput: boolean): Tensor | undefined {
    let gradient: Tensor | undefined = dy;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      gradient = this.layers[i]!.backward(gradient!, sink, needsInput || i > 0);
    }
    return gradient;
  }

  release(): void {
    for (const layer of this.layers) layer.release();
  }
}

/** A reconstruction and what its gradient needs. */
export interface Reconstruction {
  /** ‖x − x̂‖², summed over pixels and channels, averaged over the batch. A tensor: `readError` waits for it. */
  readonly halfError: Tensor;
  readonly difference: Tensor;
  readonly output: Tensor;
}

/**
 * A model in training: encoder and decoder with their weights in TensorFlow. It knows nothing of objectives;
 * between its two halves stand host arrays, where posteriors are sampled and penalties computed.
 *
 * One step: `encode`, `reconstruct`, `backwardDecoder`, `backwardEncoder`. Weights' gradients go to the sink as
 * soon as they are known, so that they need not all be held at once.
 */
export class TrainingModel {
  readonly spec: ModelSpec;
  readonly #encoder: Network;
  readonly #decoder: Network;
  readonly #toUnit = scalar(1 / 255);
  readonly #variables: ReadonlyMap<string, Variable>;
  #images: Tensor | undefined;
  #code: Tensor | undefined;

  constructor(spec: ModelSpec, weights: Weights, precision: Precision = 'full') {
    this.spec = spec;
    const { encoder, decoder } = planModel(spec);
    const compute = precision === 'mixed' ? Dtype.bfloat16 : Dtype.float;
    this.#encoder = new Network(encoder, weights, compute);
    this.#decoder = new Network(decoder, weights, compute);
    this.#variables = new Map(
      [...this.#encoder.layers, ...this.#decoder.layers].flatMap((layer) => [...layer.variables]),
    );
  }

  /** Every trainable weight by name. */
  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables;
  }

  /** A copy of the weights. */
  weights(): Weights {
    return new Map(
      modelSlots(this.spec).map(({ name, shape }) => [
        name,
        { shape, data: this.#variables.get(name)!.values() },
      ]),
    );
  }

  /**
   * @param images - `[batch, size, size, channels]`, bytes; left alone until the step's end
   * @returns `[batch, mu | logVar]`, or an AE's codes `[batch, latentDim]`
   */
  encode(images: Uint8Array, batch: number, statistics?: StatisticsSink): Float32Array {
    this.release();
    const { imageSize, channels } = this.spec.shape;
    const bytes = upload([batch, imageSize, imageSize, channels], images);
    const numbers = ops.cast(bytes, Dtype.uint8, Dtype.float);
    this.#images = ops.multiply(numbers, this.#toUnit);
    free(bytes, numbers);
    return download(this.#encoder.forward(this.#images, batch, statistics));
  }

  /** Decodes `z`, `[batch, latentDim]`, and compares with the images of the last `encode`. */
  reconstruct(z: Float32Array, batch: number, statistics?: StatisticsSink): Reconstruction {
    if (this.#images === undefined) throw new Error('reconstruct before encode');
    this.#code = upload([batch, this.spec.shape.latentDim], z);
    const logits = this.#decoder.forward(this.#code, batch, statistics);
    const output = this.spec.output === 'sigmoid' ? ops.sigmoid(logits) : logits;
    const difference = ops.subtract(output, this.#images);
    return { halfError: ops.halfSquareSum(difference), difference, output };
  }

  /** The squared error of a reconstruction, averaged over the batch; waits until it is computed. */
  readError({ halfError }: Reconstruction, batch: number): number {
    return (2 * download(halfError)[0]!) / batch;
  }

  /**
   * Goes back from the squared error through the decoder.
   *
   * @returns the gradient in z, `[batch, latentDim]`
   */
  backwardDecoder(reconstruction: Reconstruction, batch: number, sink: GradientSink): Float32Array {
    const { difference, output } = reconstruction;
    const twoOverBatch = scalar(2 / batch);
    let dLogits = ops.multiply(difference, twoOverBatch);
    free(twoOverBatch);
    if (this.spec.output === 'sigmoid') {
      const throughSigmoid = ops.sigmoidGradient(output, dLogits);
      free(dLogits);
      dLogits = throughSigmoid;
    }
    this.freeReconstruction(reconstruction, { keepError: true });
    const dCode = this.#decoder.backward(dLogits, sink, true)!;
    const gradient = download(dCode);
    free(dCode, this.#code);
    this.#code = undefined;
    return gradient;
  }

  /** Goes back from the posterior's gradient, laid out as `encode` gave it, through the encoder. */
  backwardEncoder(dPosterior: Float32Array, batch: number, sink: GradientSink): void {
    const gradient = upload([batch, dPosterior.length / batch], dPosterior);
    this.#encoder.backward(gradient, sink, false);
    free(this.#images);
    this.#images = undefined;
  }

  /** Gives a reconstruction's tensors back. */
  freeReconstruction(
    { halfError, difference, output }: Reconstruction,
    { keepError = false }: { keepError?: boolean } = {},
  ): void {
    free(difference);
    if (!keepError) free(halfError);
    // An AE's linear output is its decoder's last result, which the decoder frees itself.
    if (this.spec.output === 'sigmoid') free(output);
  }

  /** Forgets a step that goes no further. */
  release(): void {
    this.#encoder.release();
    this.#decoder.release();
    free(this.#images, this.#code);
    this.#images = undefined;
    this.#code = undefined;
  }

  dispose(): void {
    this.release();
    free(this.#toUnit);
    for (const layer of [...this.#encoder.layers, ...this.#decoder.layers]) layer.dispose();
  }
}
