import * as ops from '../../tensorflow/operations.ts';
import { free, intVector, keepOnFailure, type Dtype, type Tensor } from '../../tensorflow/tensors.ts';
import { Variable } from '../../tensorflow/variable.ts';
import type { PlannedLayer } from '../architecture.ts';
import { elements, weightSlots, type Weights } from '../weights.ts';

/** Receives a weight's gradient as soon as it is computed. The layer owns the tensor and frees it afterwards. */
export type GradientSink = (name: string, variable: Variable, gradient: Tensor) => void;

/** Receives a batch norm's mean and (unbiased) variance of the current batch; must not keep the tensors. */
export type StatisticsSink = (layer: string, mean: Tensor, variance: Tensor) => void;

/** Options of a forward pass. */
export interface Pass {
  /** Receives every batch norm's statistics. */
  readonly statistics?: StatisticsSink | undefined;
  /** The condition of a conditional model, `[batch, conditionWidth]`; owned by the caller. */
  readonly condition?: Tensor | undefined;
}

/**
 * A layer in training. `forward` stores the tensors that `backward` needs.
 *
 * Ownership: the layer owns the result of `forward` until its `backward` or `release`. `backward` frees `dy`, and
 * the caller owns the returned gradient. So activations are freed as early as possible, which halves the memory of
 * automatic differentiation with a tape.
 */
export interface Layer {
  /** Dtype of its output, and of `dy`. */
  readonly dtype: Dtype;
  readonly variables: ReadonlyMap<string, Variable>;
  forward(x: Tensor, batch: number, pass?: Pass): Tensor;
  /**
   * @param sink - receives the weights' gradients, which are not computed if it is undefined
   * @param keep - keeps the tensors of `forward`, so that `backward` can be called again
   * @returns the gradient in the input, or undefined if `needsInput` is false
   */
  backward(
    dy: Tensor,
    sink: GradientSink | undefined,
    needsInput: boolean,
    keep?: boolean,
  ): Tensor | undefined;
  /** Frees the tensors of `forward`. */
  release(): void;
  dispose(): void;
}

/**
 * A layer's weights as variables, by name.
 *
 * @param storedShape - converts the shape in files to that of the layer's variable
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

/** A cache of tensors that contain sizes. */
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

/** Converts a tensor to another dtype; returns the tensor itself if the dtype is the same. */
export function convert(x: Tensor, from: Dtype, to: Dtype): Tensor {
  return from === to ? x : ops.cast(x, from, to);
}
