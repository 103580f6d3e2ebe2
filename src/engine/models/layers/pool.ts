import * as ops from '../../tensorflow/operations.ts';
import { free, type Dtype, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import type { PlannedLayer } from '../architecture.ts';
import { Sizes, type GradientSink, type Layer } from './layer.ts';
import { repeatPixels, scaled } from './repeat-pixels.ts';

/** Replaces each square of pixels by its mean, so that every pixel of the square counts equally. */
export class PoolLayer implements Layer {
  readonly dtype: Dtype;
  readonly variables = new Map<string, Variable>();
  readonly #plan: PlannedLayer;
  readonly #side: number;
  readonly #sizes = new Sizes();
  #memory: { readonly y: Tensor; readonly batch: number } | undefined;

  constructor(plan: PlannedLayer, inputDtype: Dtype) {
    this.#plan = plan;
    this.#side = plan.input[0] / plan.output[0];
    this.dtype = inputDtype;
  }

  forward(x: Tensor, batch: number): Tensor {
    this.release();
    const y = ops.averagePool(x, this.#side, this.dtype);
    this.#memory = { y, batch };
    return y;
  }

  /** A pixel's gradient is its share, 1/side², of the gradient of the mean. */
  backward(
    dy: Tensor,
    _sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    if (!this.#memory) throw new Error(`${this.#plan.name}: backward without forward.`);
    const { batch } = this.#memory;
    if (!keep) this.release();
    let dx: Tensor | undefined;
    if (needsInput) {
      const shared = scaled(dy, 1 / this.#side ** 2, this.dtype);
      const form = { batch, volume: this.#plan.output, times: this.#side };
      dx = repeatPixels(shared, form, this.#sizes, this.dtype);
      free(shared);
    }
    free(dy);
    return dx;
  }

  release(): void {
    free(this.#memory?.y);
    this.#memory = undefined;
  }

  dispose(): void {
    this.release();
    this.#sizes.dispose();
  }
}
