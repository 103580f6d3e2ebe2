import * as ops from '../../tensorflow/operations.ts';
import { Dtype, free, upload, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import { BATCH_NORM_EPSILON, type ConvSpec, type PlannedLayer } from '../architecture.ts';
import { elements, type Weights } from '../weights.ts';
import { activate, activationGradient, type Activated } from './activation.ts';
import {
  convert,
  makeVariables,
  Sizes,
  type GradientSink,
  type Layer,
  type Pass,
  type StatisticsSink,
} from './layer.ts';

/**
 * Gradients of filters with at least this many numbers are computed in float32 even in mixed precision, because
 * oneDNN's bfloat16 kernel for large filters over few pixels is slower (measured: 110 ms instead of 68).
 */
const LARGE_FILTER = 4 * 4 * 128 * 256;

/** A transposed convolution of a single pixel is computed as a matrix product, which is four times as fast. */
function isOnePixel({ spec, input }: PlannedLayer): boolean {
  return spec.kind === 'conv-transpose' && spec.padding === 'valid' && input[0] === 1 && input[1] === 1;
}

function storedShape(layer: PlannedLayer, shape: readonly number[]): readonly number[] {
  if (!isOnePixel(layer) || shape.length !== 4) return shape;
  const from = shape[3]!;
  return [elements(shape) / from, from];
}

/** The tensors of a forward pass that the backward pass needs. */
interface ConvMemory {
  readonly batch: number;
  readonly x: Tensor;
  /** True if `x` is a cast copy, which this layer frees; false if it belongs to the layer before. */
  readonly ownsX: boolean;
  readonly filter: Tensor;
  readonly convolved: Tensor | undefined;
  readonly reserved: readonly [Tensor, Tensor, Tensor] | undefined;
  readonly activated: Activated;
}

/** A convolution or transposed convolution with its bias or batch norm and its activation. */
export class ConvLayer implements Layer {
  readonly dtype: Dtype;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly #plan: PlannedLayer;
  readonly #spec: ConvSpec;
  readonly #convDtype: Dtype;
  readonly #inputDtype: Dtype;
  readonly #onePixel: boolean;
  readonly #sizes = new Sizes();
  readonly #empty = upload([0], new Float32Array(0));
  #memory: ConvMemory | undefined;

  constructor(plan: PlannedLayer, spec: ConvSpec, weights: Weights, inputDtype: Dtype, compute: Dtype) {
    this.#plan = plan;
    this.#spec = spec;
    this.#inputDtype = inputDtype;
    this.#onePixel = isOnePixel(plan);
    const narrow = Math.min(plan.input[2], plan.output[2]) < 8;
    // bfloat16 is not faster with 3 channels on both sides; with 3 channels on one side, only the convolution is.
    this.#convDtype = narrow && plan.input[2] === plan.output[2] ? Dtype.float : compute;
    this.dtype = plan.output[2] < 8 || !spec.batchNorm ? Dtype.float : compute;
    this.variables = makeVariables(plan, weights, (shape) => storedShape(plan, shape));
  }

  forward(x: Tensor, batch: number, { statistics }: Pass = {}): Tensor {
    this.release();
    const { dtype } = this;
    const converted = convert(x, this.#inputDtype, this.#convDtype);
    const stored = this.#variable('filter').read();
    const filter = convert(stored, Dtype.float, this.#convDtype);
    if (filter !== stored) free(stored);
    const raw = this.#convolve(converted, filter, batch);
    const convolved = convert(raw, this.#convDtype, dtype);
    if (convolved !== raw) free(raw);

    const normed = this.#normalise(convolved, statistics);
    const activated = activate(normed.y, this.#spec.activation, dtype);
    this.#memory = {
      batch,
      x: converted,
      ownsX: converted !== x,
      filter,
      convolved: normed.reserved ? convolved : undefined,
      reserved: normed.reserved,
      activated,
    };
    return activated.y;
  }

  backward(
    dy: Tensor,
    sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    const memory = this.#memory;
    if (!memory) throw new Error(`${this.#plan.name}: backward without forward.`);
    const activation = activationGradient(dy, memory.activated, this.#spec.activation, this.dtype);
    const gradient = this.#throughNorm(activation, memory, sink);
    const converted = convert(gradient, this.dtype, this.#convDtype);
    if (converted !== gradient) free(gradient);
    const dFilter = sink && this.#filterGradient(converted, memory);
    const dx = needsInput ? this.#inputGradient(converted, memory) : undefined;
    free(converted);
    // The weights' tensor is freed before the update, because Adam would have to copy weights that are still in
    // use.
    if (!keep) this.release();
    if (dFilter !== undefined) sink?.(`${this.#plan.name}.filter`, this.#variable('filter'), dFilter);
    free(dFilter);
    if (dx === undefined) return undefined;
    const result = convert(dx, this.#convDtype, this.#inputDtype);
    if (result !== dx) free(dx);
    return result;
  }

  release(): void {
    const memory = this.#memory;
    if (!memory) return;
    const { y, gate } = memory.activated;
    free(memory.filter, memory.convolved, y, gate, ...(memory.reserved ?? []));
    if (memory.ownsX) free(memory.x);
    this.#memory = undefined;
  }

  dispose(): void {
    this.release();
    this.#sizes.dispose();
    free(this.#empty);
    for (const variable of this.variables.values()) variable.dispose();
  }

  #variable(part: string): Variable {
    return this.variables.get(`${this.#plan.name}.${part}`)!;
  }

  #convolve(x: Tensor, filter: Tensor, batch: number): Tensor {
    const { output } = this.#plan;
    if (this.#spec.kind === 'conv') return ops.conv2d(x, filter, this.#spec, this.#convDtype);
    if (!this.#onePixel) {
      const shape = this.#sizes.of(batch, ...output);
      return ops.conv2dInputGradient(shape, filter, x, this.#spec, this.#convDtype);
    }
    const row = ops.reshape(x, this.#sizes.of(batch, this.#plan.input[2]), this.#convDtype);
    const product = ops.matMul(row, filter, this.#convDtype, { transposeB: true });
    const volume = ops.reshape(product, this.#sizes.of(batch, ...output), this.#convDtype);
    free(row, product);
    return volume;
  }

  #normalise(x: Tensor, statistics?: StatisticsSink): { y: Tensor; reserved: ConvMemory['reserved'] } {
    const { spec, dtype } = { spec: this.#spec, dtype: this.dtype };
    if (spec.batchNorm) {
      const scale = this.#variable('scale').read();
      const offset = this.#variable('offset').read();
      const normed = ops.batchNorm(x, scale, offset, this.#empty, BATCH_NORM_EPSILON, dtype);
      statistics?.(this.#plan.name, normed.mean, normed.variance);
      free(scale, offset, normed.mean, normed.variance);
      return { y: normed.y, reserved: normed.reserved };
    }
    if (!spec.bias) return { y: x, reserved: undefined };
    const bias = this.#variable('bias').read();
    const y = ops.biasAdd(x, bias, dtype);
    free(bias, x);
    return { y, reserved: undefined };
  }

  #throughNorm(dy: Tensor, memory: ConvMemory, sink: GradientSink | undefined): Tensor {
    const { name } = this.#plan;
    if (memory.reserved && memory.convolved !== undefined) {
      const scale = this.#variable('scale');
      const value = scale.read();
      const { dx, dScale, dOffset } = ops.batchNormGradient(
        dy,
        memory.convolved,
        value,
        memory.reserved,
        BATCH_NORM_EPSILON,
        this.dtype,
      );
      free(value, dy);
      sink?.(`${name}.scale`, scale, dScale);
      sink?.(`${name}.offset`, this.#variable('offset'), dOffset);
      free(dScale, dOffset);
      return dx;
    }
    if (this.#spec.bias && sink) {
      const dBias = ops.biasGradient(dy, this.dtype);
      sink(`${name}.bias`, this.#variable('bias'), dBias);
      free(dBias);
    }
    return dy;
  }

  #filterGradient(dy: Tensor, { x, batch }: ConvMemory): Tensor {
    const { spec, convDtype } = { spec: this.#spec, convDtype: this.#convDtype };
    const shape = this.#variable('filter').shape;
    const dtype = elements(shape) >= LARGE_FILTER ? Dtype.float : convDtype;
    const [a, b] = [convert(x, convDtype, dtype), convert(dy, convDtype, dtype)];
    let gradient: Tensor;
    if (this.#onePixel) {
      const rows = ops.reshape(b, this.#sizes.of(batch, shape[0]!), dtype);
      const row = ops.reshape(a, this.#sizes.of(batch, shape[1]!), dtype);
      gradient = ops.matMul(rows, row, dtype, { transposeA: true });
      free(rows, row);
    } else if (spec.kind === 'conv') {
      gradient = ops.conv2dFilterGradient(a, this.#sizes.of(...shape), b, spec, dtype);
    } else {
      // For a transposed convolution, the roles of input and result are exchanged.
      gradient = ops.conv2dFilterGradient(b, this.#sizes.of(...shape), a, spec, dtype);
    }
    if (a !== x) free(a);
    if (b !== dy) free(b);
    const full = convert(gradient, dtype, Dtype.float);
    if (full !== gradient) free(gradient);
    return full;
  }

  #inputGradient(dy: Tensor, { filter, batch }: ConvMemory): Tensor {
    const { spec, convDtype } = { spec: this.#spec, convDtype: this.#convDtype };
    const { input } = this.#plan;
    if (this.#onePixel) {
      const rows = ops.reshape(dy, this.#sizes.of(batch, this.#variable('filter').shape[0]!), convDtype);
      const product = ops.matMul(rows, filter, convDtype);
      const volume = ops.reshape(product, this.#sizes.of(batch, ...input), convDtype);
      free(rows, product);
      return volume;
    }
    if (spec.kind === 'conv-transpose') return ops.conv2d(dy, filter, spec, convDtype);
    return ops.conv2dInputGradient(this.#sizes.of(batch, ...input), filter, dy, spec, convDtype);
  }
}
