import * as ops from '../tensorflow/operations.ts';
import {
  download,
  Dtype,
  free,
  freeOnFailure,
  intVector,
  scalar,
  upload,
  type Tensor,
} from '../tensorflow/tensors.ts';
import {
  planModel,
  type Activation,
  type ActivationSpec,
  type ConvSpec,
  type ModelSpec,
  type PlannedLayer,
  type ResidualSpec,
  type ResizeSpec,
} from './architecture.ts';
import { foldNorm, numbers } from './fold-norm.ts';
import { activate } from './layers/activation.ts';
import { LatentValues } from './latent-values.ts';
import { posteriorOf } from './posterior-head.ts';
import { elements, type Statistics, type Weights } from './weights.ts';

/** A layer without a backward pass. */
interface FrozenLayer {
  /** @param condition - the condition of a conditional model, `[batch, conditionWidth]` */
  forward(x: Tensor, batch: number, condition?: Tensor): Tensor;
  dispose(): void;
}

/** Applies the activation and frees the argument. */
function activated(x: Tensor, activation: Activation): Tensor {
  const { y, gate } = activate(x, activation, Dtype.float);
  free(gate);
  return y;
}

function freezeConv(
  layer: PlannedLayer,
  spec: ConvSpec,
  weights: Weights,
  statistics: Statistics,
): FrozenLayer {
  const { filter, bias } = foldNorm(layer, spec, weights, statistics);
  const { input, output } = layer;
  const area = spec.kernel * spec.kernel;
  const onePixel = spec.kind === 'conv-transpose' && spec.padding === 'valid' && elements(input) === input[2];
  if (onePixel) {
    // A transposed convolution of one pixel is a matrix product.
    const matrix = upload([area * output[2], input[2]], filter);
    const tiled = new Float32Array(area * output[2]);
    for (let i = 0; i < area; i++) tiled.set(bias, i * output[2]);
    const rowBias = upload([tiled.length], tiled);
    return {
      forward(x, batch) {
        const row = reshaped(x, [batch, input[2]]);
        const product = ops.matMul(row, matrix, Dtype.float, { transposeB: true });
        const biased = ops.biasAdd(product, rowBias, Dtype.float);
        const y = activated(biased, spec.activation);
        const volume = reshaped(y, [batch, ...output]);
        free(row, product, y);
        return volume;
      },
      dispose: () => free(matrix, rowBias),
    };
  }
  const [from, to] = spec.kind === 'conv' ? [input[2], output[2]] : [output[2], input[2]];
  const kernel = upload([spec.kernel, spec.kernel, from, to], filter);
  const channelBias = upload([output[2]], bias);
  return {
    forward(x, batch) {
      let convolved: Tensor;
      if (spec.kind === 'conv') {
        convolved = ops.conv2d(x, kernel, spec, Dtype.float);
      } else {
        const shape = intVector([batch, ...output]);
        convolved = ops.conv2dInputGradient(shape, kernel, x, spec, Dtype.float);
        free(shape);
      }
      const biased = ops.biasAdd(convolved, channelBias, Dtype.float);
      free(convolved);
      return activated(biased, spec.activation);
    },
    dispose: () => free(kernel, channelBias),
  };
}

function freezeResidual(spec: ResidualSpec, inner: readonly FrozenLayer[]): FrozenLayer {
  return {
    forward(x, batch) {
      const y = through(inner, x, batch);
      const sum = ops.add(x, y);
      free(y);
      return activated(sum, spec.activation);
    },
    dispose() {
      for (const layer of inner) layer.dispose();
    },
  };
}

function freezeLayer(layer: PlannedLayer, weights: Weights, statistics: Statistics): FrozenLayer {
  const { spec, input, output, name } = layer;
  if (spec.kind === 'residual') {
    const inner = layer.inner.map((each) => freezeLayer(each, weights, statistics));
    return freezeResidual(spec, inner);
  }
  if (spec.kind === 'reshape') {
    return { forward: (x, batch) => reshaped(x, [batch, ...output]), dispose: () => undefined };
  }
  if (spec.kind === 'append') {
    return {
      forward(x, batch, condition) {
        if (condition === undefined) throw new Error(`${name}: no condition was given.`);
        const row = reshaped(x, [batch, elements(input)]);
        const y = ops.concat([row, condition], 1);
        free(row);
        return y;
      },
      dispose: () => undefined,
    };
  }
  if (spec.kind === 'activation') {
    return { forward: (x) => applied(x, spec), dispose: () => undefined };
  }
  if (spec.kind === 'resize') {
    return { forward: (x) => resized(x, spec), dispose: () => undefined };
  }
  if (spec.kind !== 'dense') return freezeConv(layer, spec, weights, statistics);
  const matrix = upload([elements(input), spec.units], numbers(weights, `${name}.matrix`));
  const bias = upload([spec.units], numbers(weights, `${name}.bias`));
  return {
    forward(x, batch) {
      const row = reshaped(x, [batch, elements(input)]);
      const product = ops.matMul(row, matrix, Dtype.float);
      const biased = ops.biasAdd(product, bias, Dtype.float);
      free(row, product);
      return activated(biased, spec.activation);
    },
    dispose: () => free(matrix, bias),
  };
}

/** An activation function that is a layer of its own. */
function applied(x: Tensor, { activation, slope: alpha = 0 }: ActivationSpec): Tensor {
  if (activation === 'leaky-relu' || activation === 'relu') return ops.leakyRelu(x, alpha, Dtype.float);
  if (activation === 'tanh') return ops.tanh(x);
  if (activation === 'elu') return ops.elu(x);
  const gate = ops.sigmoid(x);
  if (activation === 'sigmoid') return gate;
  const y = ops.multiply(x, gate);
  free(gate);
  return y;
}

function resized(x: Tensor, { to, method }: ResizeSpec): Tensor {
  if (method === 'average') throw new Error('A network that decodes or encodes has no pooling.');
  const size = intVector(to);
  const y = method === 'bilinear' ? ops.resizeBilinear(x, size) : ops.resizeNearest(x, size);
  free(size);
  return y;
}

function reshaped(x: Tensor, shape: readonly number[]): Tensor {
  const sizes = intVector(shape);
  const y = ops.reshape(x, sizes, Dtype.float);
  free(sizes);
  return y;
}

/** Runs layers in sequence, and frees each result as soon as the next is computed. The caller still owns `x`. */
function through(layers: readonly FrozenLayer[], x: Tensor, batch: number, condition?: Tensor): Tensor {
  let y = x;
  for (const layer of layers) {
    const next = layer.forward(y, batch, condition);
    if (y !== x) free(y);
    y = next;
  }
  return y;
}

/** The networks of a trained model, with constant weights into which batch norms are folded. */
export class FrozenNetworks {
  readonly #spec: ModelSpec;
  readonly #encoder: readonly FrozenLayer[];
  readonly #decoder: readonly FrozenLayer[];
  /** Bytes become scale · byte + shift, and the decoder's numbers the inverse of it. */
  readonly #scale: Tensor;
  readonly #shift: Tensor | undefined;
  readonly #values: LatentValues | undefined;

  constructor(spec: ModelSpec, weights: Weights, statistics: Statistics) {
    this.#spec = spec;
    this.#values = LatentValues.of(spec, weights);
    const { encoder, decoder } = planModel(spec);
    const freeze = (layer: PlannedLayer): FrozenLayer => freezeLayer(layer, weights, statistics);
    const isSigned = spec.range === 'signed';
    [this.#encoder, this.#decoder, this.#scale, this.#shift] = freeOnFailure(() => [
      encoder.map(freeze),
      decoder.map(freeze),
      scalar((isSigned ? 2 : 1) / 255),
      isSigned ? scalar(-1) : undefined,
    ]);
  }

  /**
   * @param images - `[batch, size, size, channels]`, bytes
   * @param condition - `[batch, conditionWidth]` for a conditional model
   * @returns `[batch, mu | logVar]`, or an AE's codes `[batch, latentDim]`, which a quantised model has quantised
   */
  encode(images: Uint8Array, batch: number, condition?: Float32Array): Float32Array {
    const { imageSize, channels } = this.#spec.shape;
    return freeOnFailure(() => {
      const bytes = upload([batch, imageSize, imageSize, channels], images);
      const floats = ops.cast(bytes, Dtype.uint8, Dtype.float);
      const scaled = ops.multiply(floats, this.#scale);
      const x = this.#shift === undefined ? scaled : ops.add(scaled, this.#shift);
      const uploaded = this.#uploadCondition(condition, batch);
      const y = through(this.#encoder, x, batch, uploaded);
      const posterior = posteriorOf(download(y), this.#spec.shape);
      free(bytes, floats, scaled, x === scaled ? undefined : x, y, uploaded);
      return this.#values ? this.#values.quantise(posterior).codes : posterior;
    });
  }

  /**
   * @param z - `[batch, latentDim]`
   * @param condition - `[batch, conditionWidth]` for a conditional model
   * @returns `[batch, size, size, channels]`: in (0, 1), or an AE's linear output
   */
  decode(z: Float32Array, batch: number, condition?: Float32Array): Float32Array {
    return freeOnFailure(() => {
      const x = upload([batch, this.#spec.shape.latentDim], z);
      const uploaded = this.#uploadCondition(condition, batch);
      const logits = through(this.#decoder, x, batch, uploaded);
      const y = this.#spec.output === 'sigmoid' ? ops.sigmoid(logits) : logits;
      const images = download(y);
      free(x, uploaded, logits, y === logits ? undefined : y);
      if (this.#shift !== undefined) for (let i = 0; i < images.length; i++) images[i] = (images[i]! + 1) / 2;
      return images;
    });
  }

  #uploadCondition(condition: Float32Array | undefined, batch: number): Tensor | undefined {
    return condition && upload([batch, condition.length / batch], condition);
  }

  dispose(): void {
    for (const layer of [...this.#encoder, ...this.#decoder]) layer.dispose();
    free(this.#scale, this.#shift);
  }
}
