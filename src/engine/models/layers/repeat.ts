import * as ops from '../../tensorflow/operations.ts';
import { Dtype, free, scalar, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import type { PlannedLayer } from '../architecture.ts';
import { convert, Sizes, type GradientSink, type Layer } from './layer.ts';

/** Repeats every pixel along both axes, a whole number of times. */
export class RepeatLayer implements Layer {
  readonly dtype: Dtype;
  readonly variables = new Map<string, Variable>();
  readonly #plan: PlannedLayer;
  readonly #times: number;
  readonly #sizes = new Sizes();
  #y: Tensor | undefined;

  constructor(plan: PlannedLayer, inputDtype: Dtype) {
    this.#plan = plan;
    this.#times = plan.output[0] / plan.input[0];
    this.dtype = inputDtype;
  }

  forward(x: Tensor, batch: number): Tensor {
    this.release();
    const { output } = this.#plan;
    const [height, width, channels] = this.#plan.input;
    // An axis of length 1 after each of height and width, of which broadcasting makes copies; twice as fast as resizing.
    const apart = ops.reshape(x, this.#sizes.of(batch, height, 1, width, 1, channels), this.dtype);
    const to = this.#sizes.of(batch, height, this.#times, width, this.#times, channels);
    const repeated = ops.broadcast(apart, to, this.dtype);
    this.#y = ops.reshape(repeated, this.#sizes.of(batch, ...output), this.dtype);
    free(apart, repeated);
    return this.#y;
  }

  /** A pixel's gradient is the sum over its copies: their mean times their number. */
  backward(
    dy: Tensor,
    _sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    if (!keep) this.release();
    let dx: Tensor | undefined;
    if (needsInput) {
      const mean = ops.averagePool(dy, this.#times, this.dtype);
      const copies = scalar(this.#times ** 2);
      const count = convert(copies, Dtype.float, this.dtype);
      dx = ops.multiply(mean, count, this.dtype);
      free(mean, copies, count === copies ? undefined : count);
    }
    free(dy);
    return dx;
  }

  release(): void {
    free(this.#y);
    this.#y = undefined;
  }

  dispose(): void {
    this.release();
    this.#sizes.dispose();
  }
}
