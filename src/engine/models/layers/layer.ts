import * as ops from '../../tensorflow/operations.ts';
import { free, intVector, keepOnFailure, type Dtype, type Tensor } from '../../tensorflow/tensors.ts';
import { Variable } from '../../tensorflow/variable.ts';
import type { Activation, PlannedLayer } from '../architecture.ts';
import { elements, weightSlots, type Weights } from '../weights.ts';

/** Takes a weight's gradient as soon as it is known; the tensor stays the layer's, which frees it after. */
export type GradientSink = (name: string, variable: Variable, gradient: Tensor) => void;

/** Takes a batch norm's mean and variance (unbiased) of the batch just normalised; does not keep the tensors. */
export type StatisticsSink = (layer: string, mean: Tensor, variance: Tensor) => void;

/** What goes along with a pass through the layers. */
export interface Pass {
  /** Told of every batch norm's statistics. */
  readonly statistics?: StatisticsSink | undefined;
  /** The condition of a conditional model, `[batch, conditionWidth]`; the caller's. */
  readonly condition?: Tensor | undefined;
}

/**
 * One layer in training. It computes forward, remembers what its gradient needs, and goes back.
 *
 * Ownership: the result of `forward` is the layer's until its `backward` or `release`; `backward` takes `dy` and
 * hands out `dx`. The rules let activations go at the first moment, which halves the memory of a tape.
 */
export interface Layer {
  /** Dtype of what it gives; its `dy` must be of it too. */
  readonly dtype: Dtype;
  readonly variables: ReadonlyMap<string, Variable>;
  forward(x: Tensor, batch: number, pass?: Pass): Tensor;
  /**
   * @param sink - takes the weights' gradients; left undefined, they are not computed
   * @param keep - keeps what `forward` left, to go back once more
   * @returns the gradient in the input, or undefined where `needsInput` is false
   */
  backward(
    dy: Tensor,
    sink: GradientSink | undefined,
    needsInput: boolean,
    keep?: boolean,
  ): Tensor | undefined;
  /** Lets go of what `forward` left. */
  release(): void;
  dispose(): void;
}

/** LeakyReLU's slope below zero; ReLU's is none. */
export const slope: Record<Exclude<Activation, 'linear'>, number> = {
  relu: 0,
  'leaky-relu': 0.3,
  'leaky-relu-0.2': 0.2,
};

/**
 * A layer's weights as variables, by name.
 *
 * @param storedShape - the shape that the layer computes with, where it is not the one in files
 */
export function makeVariables(
  layer: PlannedLayer,
  weights: Weights,
  storedShape: (shape: readonly number[]) => readonly number[] = (shape) => shape,
): Map<string, Variable> {
  return new Map(
    weightSlots(layer).map(({ name, shape }) => {
      const weight = weights.get(name);
      if (weight?.data.length !== elements(shape)) {
        throw new Error(`No weight ${name} of shape ${shape.join('×')}.`);
      }
      return [name, new Variable(storedShape(shape), weight.data)];
    }),
  );
}

/** Tensors of constant sizes, made once per batch size. */
export class Sizes {
  readonly #tensors = new Map<string, Tensor>();

  of(...sizes: readonly number[]): Tensor {
    const key = sizes.join();
    let tensor = this.#tensors.get(key);
    if (tensor === undefined) {
      tensor = keepOnFailure(intVector(sizes));
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  dispose(): void {
    free(...this.#tensors.values());
    this.#tensors.clear();
  }
}

/** The tensor itself where nothing is to convert, else a new one. */
export function convert(x: Tensor, from: Dtype, to: Dtype): Tensor {
  return from === to ? x : ops.cast(x, from, to);
}
