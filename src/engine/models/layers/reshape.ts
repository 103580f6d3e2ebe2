import * as ops from '../../tensorflow/operations.ts';
import { free, type Dtype, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import type { PlannedLayer } from '../architecture.ts';
import { Sizes, type GradientSink, type Layer } from './layer.ts';

/** Reshapes its input. */
export class ReshapeLayer implements Layer {
  readonly dtype: Dtype;
  readonly variables = new Map<string, Variable>();
  readonly #plan: PlannedLayer;
  readonly #sizes = new Sizes();
  #y: Tensor | undefined;
  #batch = 0;

  constructor(plan: PlannedLayer, inputDtype: Dtype) {
    this.#plan = plan;
    this.dtype = inputDtype;
  }

  forward(x: Tensor, batch: number): Tensor {
    this.release();
    this.#batch = batch;
    this.#y = ops.reshape(x, this.#sizes.of(batch, ...this.#plan.output), this.dtype);
    return this.#y;
  }

  backward(
    dy: Tensor,
    _sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    if (!keep) this.release();
    const dx = needsInput
      ? ops.reshape(dy, this.#sizes.of(this.#batch, ...this.#plan.input), this.dtype)
      : undefined;
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
