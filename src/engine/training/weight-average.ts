import * as ops from '../tensorflow/operations.ts';
import { free, scalar } from '../tensorflow/tensors.ts';
import { Variable } from '../tensorflow/variable.ts';
import type { Weights } from '../models/weights.ts';

/** The average forgets faster at the beginning, when the weights are still nearly random: at most (1 + t)/(10 + t). */
const SLOW_START = 10;

/**
 * The exponential moving average of a model's weights (Polyak & Juditsky 1992), which fluctuates less than they do:
 * a ← d·a + (1 − d)·w after every step.
 */
export class WeightAverage {
  readonly #variables: ReadonlyMap<string, Variable>;
  readonly #averages: ReadonlyMap<string, Variable>;
  readonly #decay: number;

  /**
   * @param variables - the weights, by name
   * @param start - the average so far; at the beginning the weights themselves
   */
  constructor(variables: ReadonlyMap<string, Variable>, decay: number, start: Weights) {
    this.#variables = variables;
    this.#decay = decay;
    this.#averages = new Map(
      [...variables].map(([name, { shape }]) => [name, new Variable(shape, start.get(name)!.data)]),
    );
  }

  /** @param step - number of steps of the training before the one that has just changed the weights */
  follow(step: number): void {
    const decay = Math.min(this.#decay, (1 + step) / (SLOW_START + step));
    const share = scalar(1 - decay);
    for (const [name, average] of this.#averages) {
      const [mean, weight] = [average.read(), this.#variables.get(name)!.read()];
      const difference = ops.subtract(mean, weight);
      const change = ops.multiply(difference, share);
      // What is read must be freed first, or subtracting would copy it.
      free(mean, weight, difference);
      average.subtract(change);
      free(change);
    }
    free(share);
  }

  /** Runs work while the model has the average in the place of its weights. */
  inPlace<T>(work: () => T): T {
    const own = new Map([...this.#variables].map(([name, variable]) => [name, variable.values()]));
    for (const [name, average] of this.#averages) this.#variables.get(name)!.write(average.values());
    try {
      return work();
    } finally {
      for (const [name, values] of own) this.#variables.get(name)!.write(values);
    }
  }

  dispose(): void {
    for (const average of this.#averages.values()) average.dispose();
  }
}
