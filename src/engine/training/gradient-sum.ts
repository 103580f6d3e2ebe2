import type { GradientSink } from '../models/layers/layer.ts';
import * as ops from '../tensorflow/operations.ts';
import { free, type Tensor } from '../tensorflow/tensors.ts';

/** Adds up what two ways back say of the same weights. */
export class GradientSum {
  readonly #first = new Map<string, Tensor>();

  /** Takes the first way's gradients. */
  readonly collect: GradientSink = (name, _variable, gradient) => {
    this.#first.set(name, ops.identity(gradient));
  };

  /** Adds the second way's, and hands the sums on. */
  addTo(sink: GradientSink): GradientSink {
    return (name, variable, gradient) => {
      const first = this.#first.get(name);
      if (first === undefined) throw new Error(`No gradient of ${name} was collected.`);
      const sum = ops.add(first, gradient);
      this.#first.delete(name);
      free(first);
      sink(name, variable, sum);
      free(sum);
    };
  }

  /** Forgets what was collected and not asked for. */
  dispose(): void {
    free(...this.#first.values());
    this.#first.clear();
  }
}
