import { Dtype, type Tensor } from '../tensorflow/tensors.ts';
import type { Variable } from '../tensorflow/variable.ts';
import type { PlannedLayer } from './architecture.ts';
import type { GradientSink, Layer, Pass } from './layers/layer.ts';
import { makeLayers } from './layers/make-layer.ts';
import type { Weights, WeightSlot } from './weights.ts';

/** A copy of weights from their variables, in the shapes of files. */
export function valuesOf(slots: readonly WeightSlot[], variables: ReadonlyMap<string, Variable>): Weights {
  return new Map(slots.map(({ name, shape }) => [name, { shape, data: variables.get(name)!.values() }]));
}

/** A sequence of layers in training. */
export class Network {
  readonly #layers: readonly Layer[];

  /** @param compute - dtype of convolutions: float32, or bfloat16 in mixed precision */
  constructor(plan: readonly PlannedLayer[], weights: Weights, compute: Dtype = Dtype.float) {
    this.#layers = makeLayers(plan, weights, Dtype.float, compute);
  }

  /** Every trainable weight by name. */
  get variables(): ReadonlyMap<string, Variable> {
    return new Map(this.#layers.flatMap((layer) => [...layer.variables]));
  }

  /** @returns the last layer's result, which the network owns until `backward` or `release` */
  forward(x: Tensor, batch: number, pass: Pass = {}): Tensor {
    let y = x;
    for (const layer of this.#layers) y = layer.forward(y, batch, pass);
    return y;
  }

  /**
   * Backpropagates the gradient in the result, which it frees.
   *
   * @param sink - receives the weights' gradients, which are not computed if it is undefined
   * @param keep - keeps the tensors of `forward`, so that `backward` can be called again
   * @returns the gradient in the input, owned by the caller, or undefined if it is not needed
   */
  backward(
    dy: Tensor,
    sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    let gradient: Tensor | undefined = dy;
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      gradient = this.#layers[i]!.backward(gradient!, sink, needsInput || i > 0, keep);
    }
    return gradient;
  }

  /** Frees the tensors of the last forward pass. */
  release(): void {
    for (const layer of this.#layers) layer.release();
  }

  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
  }
}
