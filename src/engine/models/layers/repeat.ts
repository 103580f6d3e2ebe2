import * as ops from '../../tensorflow/operations.ts';
import { free, type Dtype, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import type { PlannedLayer } from '../architecture.ts';
import { Sizes, type GradientSink, type Layer } from './layer.ts';
import { repeatPixels, scaled } from './repeat-pixels.ts';

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
    const form = { batch, volume: this.#plan.input, times: this.#times };
    this.#y = repeatPixels(x, form, this.#sizes, this.dtype);
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
      dx = scaled(mean, this.#times ** 2, this.dtype);
      free(mean);
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
