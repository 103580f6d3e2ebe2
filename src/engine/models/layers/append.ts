import * as ops from '../../tensorflow/operations.ts';
import { Dtype, free, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import type { AppendSpec, PlannedLayer } from '../architecture.ts';
import { elements } from '../weights.ts';
import { convert, Sizes, type GradientSink, type Layer, type Pass } from './layer.ts';

/** Flattens the input to one row and appends the condition of a conditional model. It has no weights. */
export class AppendLayer implements Layer {
  readonly dtype = Dtype.float;
  readonly variables = new Map<string, Variable>();
  readonly #plan: PlannedLayer;
  readonly #width: number;
  readonly #inputDtype: Dtype;
  readonly #sizes = new Sizes();
  #y: Tensor | undefined;
  #batch = 0;

  constructor(plan: PlannedLayer, { width }: AppendSpec, inputDtype: Dtype) {
    this.#plan = plan;
    this.#width = width;
    this.#inputDtype = inputDtype;
  }

  forward(x: Tensor, batch: number, { condition }: Pass = {}): Tensor {
    this.release();
    if (condition === undefined) throw new Error(`${this.#plan.name}: no condition was given.`);
    this.#batch = batch;
    const size = elements(this.#plan.input);
    const converted = convert(x, this.#inputDtype, Dtype.float);
    const row = ops.reshape(converted, this.#sizes.of(batch, size), Dtype.float);
    if (converted !== x) free(converted);
    this.#y = ops.concat([row, condition], 1);
    free(row);
    return this.#y;
  }

  backward(
    dy: Tensor,
    _sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    if (!keep) this.release();
    const size = elements(this.#plan.input);
    let dx: Tensor | undefined;
    if (needsInput) {
      const row = ops.reshape(dy, this.#sizes.of(this.#batch, size + this.#width), Dtype.float);
      const part = ops.slice(row, this.#sizes.of(0, 0), this.#sizes.of(this.#batch, size));
      const volume = ops.reshape(part, this.#sizes.of(this.#batch, ...this.#plan.input), Dtype.float);
      free(row, part);
      dx = convert(volume, Dtype.float, this.#inputDtype);
      if (dx !== volume) free(volume);
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
