import * as ops from '../../tensorflow/operations.ts';
import { free, type Dtype, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import type { ResidualSpec } from '../architecture.ts';
import { activate, activationGradient, type Activated } from './activation.ts';
import { convert, type GradientSink, type Layer, type Pass } from './layer.ts';

/** A residual block: activation(x + layers(x)). */
export class ResidualLayer implements Layer {
  readonly dtype: Dtype;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly #spec: ResidualSpec;
  readonly #inputDtype: Dtype;
  readonly #layers: readonly Layer[];
  #activated: Activated | undefined;

  /** @param layers - of the spec, in order */
  constructor(spec: ResidualSpec, layers: readonly Layer[], inputDtype: Dtype) {
    this.#spec = spec;
    this.#layers = layers;
    this.#inputDtype = inputDtype;
    this.dtype = layers.at(-1)?.dtype ?? inputDtype;
    this.variables = new Map(layers.flatMap((layer) => [...layer.variables]));
  }

  forward(x: Tensor, batch: number, pass: Pass = {}): Tensor {
    this.release();
    let inner = x;
    for (const layer of this.#layers) inner = layer.forward(inner, batch, pass);
    const own = convert(x, this.#inputDtype, this.dtype);
    const sum = ops.add(own, inner, this.dtype);
    if (own !== x) free(own);
    this.#activated = activate(sum, this.#spec.activation, this.dtype);
    return this.#activated.y;
  }

  backward(
    dy: Tensor,
    sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    if (!this.#activated) throw new Error('A residual block: backward without forward.');
    const dSum = activationGradient(dy, this.#activated, this.#spec.activation, this.dtype);
    if (!keep) this.#forget();
    let inner: Tensor | undefined = ops.identity(dSum, this.dtype);
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      inner = this.#layers[i]!.backward(inner!, sink, needsInput || i > 0, keep);
    }
    if (inner === undefined) {
      free(dSum);
      return undefined;
    }
    const own = convert(dSum, this.dtype, this.#inputDtype);
    if (own !== dSum) free(dSum);
    const dx = ops.add(own, inner, this.#inputDtype);
    free(own, inner);
    return dx;
  }

  release(): void {
    for (const layer of this.#layers) layer.release();
    this.#forget();
  }

  dispose(): void {
    this.#forget();
    for (const layer of this.#layers) layer.dispose();
  }

  #forget(): void {
    free(this.#activated?.y, this.#activated?.gate);
    this.#activated = undefined;
  }
}
