import type { Precision } from '../../contract/run.ts';
import * as ops from '../tensorflow/operations.ts';
import { download, Dtype, free, upload, type Tensor } from '../tensorflow/tensors.ts';
import { Variable } from '../tensorflow/variable.ts';
import { planModel, type ModelSpec } from './architecture.ts';
import type { GradientSink, StatisticsSink } from './layers/layer.ts';
import { LatentValues } from './latent-values.ts';
import { backpropagatePosterior, posteriorOf } from './posterior-head.ts';
import { Network, valuesOf } from './network.ts';
import { uploadUnit } from './unit-images.ts';
import { latentSlots, modelSlots, type Weights } from './weights.ts';

/**
 * Decoded pictures, `[batch, size, size, channels]` each. The model owns them until they are freed or
 * backpropagated.
 */
export interface Reconstruction {
  /** The output of the decoder's last layer. */
  readonly logits: Tensor;
  /** The pictures: the sigmoid of the logits, or an AE's logits themselves. */
  readonly output: Tensor;
}

/** Options of a pass through a network. */
export interface PassOptions {
  /** The condition of a conditional model, `[batch, conditionWidth]`. */
  readonly condition?: Float32Array | undefined;
  readonly statistics?: StatisticsSink;
}

/**
 * A model in training: encoder and decoder with their weights in TensorFlow. It does not depend on the objective.
 * Posteriors and codes between encoder and decoder are host arrays, on which sampling and penalties are computed.
 *
 * One step: `encode`, `reconstruct`, `backwardDecoder`, `backwardEncoder`. The sink receives each weight's gradient
 * as soon as it is computed, so that not all of them are in memory at once.
 */
export class TrainingModel {
  readonly spec: ModelSpec;
  readonly #encoder: Network;
  readonly #decoder: Network;
  /** The learned values of a quantised model, which is at most one variable. */
  readonly #latent: ReadonlyMap<string, Variable>;
  readonly #variables: ReadonlyMap<string, Variable>;
  #images: Tensor | undefined;
  /** What the encoder gave in the last `encode`, of which the posterior was made. */
  #encoded: Float32Array | undefined;
  #condition: Tensor | undefined;
  #code: Tensor | undefined;
  #codeCondition: Tensor | undefined;

  constructor(spec: ModelSpec, weights: Weights, precision: Precision = 'full') {
    this.spec = spec;
    const { encoder, decoder } = planModel(spec);
    const compute = precision === 'mixed' ? Dtype.bfloat16 : Dtype.float;
    this.#encoder = new Network(encoder, weights, compute);
    this.#decoder = new Network(decoder, weights, compute);
    this.#latent = new Map(
      latentSlots(spec).map(({ name, shape }) => [name, new Variable(shape, weights.get(name)!.data)]),
    );
    this.#variables = new Map([...this.#encoder.variables, ...this.#decoder.variables, ...this.#latent]);
  }

  /** The encoder's and the decoder's trainable weights by name. */
  get parts(): Readonly<Record<'encoder' | 'decoder', ReadonlyMap<string, Variable>>> {
    return { encoder: this.#encoder.variables, decoder: this.#decoder.variables };
  }

  /** Every trainable weight by name. */
  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables;
  }

  /** A copy of the learned values of a quantised model; undefined for other models. */
  get latentValues(): LatentValues | undefined {
    const [values] = this.#latent.values();
    return values && new LatentValues(values.values(), this.spec.shape.latentDim);
  }

  /** The images of the last `encode`, `[batch, size, size, channels]` in [0, 1]; owned by the model. */
  get images(): Tensor {
    if (this.#images === undefined) throw new Error('no images before encode');
    return this.#images;
  }

  /** A copy of the weights. */
  weights(): Weights {
    return valuesOf(modelSlots(this.spec), this.#variables);
  }

  /**
   * @param images - `[batch, size, size, channels]`, bytes; must not be changed until the end of the step
   * @returns `[batch, mu | logVar]`, or an AE's codes `[batch, latentDim]`; those of a quantised model as they are before
   *   they are quantised
   */
  encode(images: Uint8Array, batch: number, { condition, statistics }: PassOptions = {}): Float32Array {
    this.release();
    const { imageSize, channels } = this.spec.shape;
    this.#images = uploadUnit([batch, imageSize, imageSize, channels], images);
    this.#condition = uploadRows(condition, batch);
    const output = this.#encoder.forward(this.#images, batch, { statistics, condition: this.#condition });
    this.#encoded = download(output);
    return posteriorOf(this.#encoded, this.spec.shape);
  }

  /** Decodes `z`, `[batch, latentDim]`. */
  reconstruct(z: Float32Array, batch: number, { condition, statistics }: PassOptions = {}): Reconstruction {
    free(this.#code, this.#codeCondition);
    this.#code = upload([batch, this.spec.shape.latentDim], z);
    this.#codeCondition = uploadRows(condition, batch);
    const logits = this.#decoder.forward(this.#code, batch, { statistics, condition: this.#codeCondition });
    return { logits, output: this.spec.output === 'sigmoid' ? ops.sigmoid(logits) : logits };
  }

  /**
   * Backpropagates a gradient in the pictures or in the logits through the decoder, and frees it.
   *
   * @param sink - receives the weights' gradients, which are not computed if it is undefined
   * @param keep - keeps the reconstruction and the decoder's tensors, so that it can be called again
   * @returns the gradient in z, `[batch, latentDim]`
   */
  backwardDecoder(
    reconstruction: Reconstruction,
    { gradient, in: from }: { readonly gradient: Tensor; readonly in: 'output' | 'logits' },
    sink: GradientSink | undefined,
    keep = false,
  ): Float32Array {
    let dLogits = gradient;
    if (this.spec.output === 'sigmoid' && from === 'output') {
      dLogits = ops.sigmoidGradient(reconstruction.output, gradient);
      free(gradient);
    }
    if (!keep) this.freeReconstruction(reconstruction);
    const dCode = this.#decoder.backward(dLogits, sink, true, keep)!;
    const dz = download(dCode);
    free(dCode);
    if (keep) return dz;
    free(this.#code, this.#codeCondition);
    this.#code = undefined;
    this.#codeCondition = undefined;
    return dz;
  }

  /** Backpropagates the gradient in the posterior, in the layout of `encode`, through the encoder. */
  backwardEncoder(dPosterior: Float32Array, batch: number, sink: GradientSink): void {
    if (this.#encoded === undefined) throw new Error('no posterior before encode');
    const dOutput = backpropagatePosterior(dPosterior, this.#encoded, this.spec.shape);
    const gradient = upload([batch, dOutput.length / batch], dOutput);
    this.#encoder.backward(gradient, sink, false);
    free(this.#images, this.#condition);
    this.#images = undefined;
    this.#condition = undefined;
  }

  /**
   * Passes the gradient of a quantised model's values on.
   *
   * @param gradient - `[latentDim, values]`
   */
  backwardValues(gradient: Float32Array, sink: GradientSink): void {
    for (const [name, variable] of this.#latent) {
      const uploaded = upload(variable.shape, gradient);
      sink(name, variable, uploaded);
      free(uploaded);
    }
  }

  /** Frees a reconstruction and all tensors of the decoder's pass, which cannot be backpropagated afterwards. */
  forgetReconstruction(reconstruction: Reconstruction): void {
    this.freeReconstruction(reconstruction);
    this.#decoder.release();
    free(this.#code, this.#codeCondition);
    this.#code = undefined;
    this.#codeCondition = undefined;
  }

  /** Frees a reconstruction's tensors, but keeps those that the decoder needs for the backward pass. */
  freeReconstruction({ output }: Reconstruction): void {
    // The logits, and an AE's linear output, are the decoder's last result, which the decoder frees.
    if (this.spec.output === 'sigmoid') free(output);
  }

  /** Frees all tensors of the current step. */
  release(): void {
    this.#encoder.release();
    this.#decoder.release();
    free(this.#images, this.#condition, this.#code, this.#codeCondition);
    this.#images = undefined;
    this.#condition = undefined;
    this.#code = undefined;
    this.#codeCondition = undefined;
  }

  dispose(): void {
    this.release();
    this.#encoder.dispose();
    this.#decoder.dispose();
    for (const values of this.#latent.values()) values.dispose();
  }
}

function uploadRows(rows: Float32Array | undefined, batch: number): Tensor | undefined {
  return rows && upload([batch, rows.length / batch], rows);
}
