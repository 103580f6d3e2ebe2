import type { HostTensor } from '../files/safetensors.ts';
import type { Weights } from '../models/weights.ts';
import type { Tensor } from '../tensorflow/tensors.ts';
import {
  adamScalars,
  adamStep,
  freeAdamScalars,
  Variable,
  type AdamRates,
  type AdamScalars,
} from '../tensorflow/variable.ts';

interface Moments {
  readonly shape: readonly number[];
  readonly first: Variable;
  readonly second: Variable;
}

/** The Adam optimiser of a model's variables, with moments that can be saved and restored. */
export class Adam {
  readonly #rates: AdamRates;
  readonly #moments: ReadonlyMap<string, Moments>;
  #scalars: AdamScalars | undefined;

  /**
   * @param variables - the variables to train, by name
   * @param rates - the learning rate, optionally with decay rates other than Kingma & Ba's
   * @param saved - moments from {@link moments}; zeros if left out
   */
  constructor(variables: ReadonlyMap<string, Variable>, rates: number | AdamRates, saved?: Weights) {
    this.#rates = typeof rates === 'number' ? { learningRate: rates } : rates;
    this.#moments = new Map(
      [...variables].map(([name, { shape }]) => {
        const size = shape.reduce((product, n) => product * n, 1);
        const start = (part: string): Variable =>
          new Variable(shape, saved?.get(`${name}.${part}`)?.data ?? new Float32Array(size));
        return [name, { shape, first: start('adam_m'), second: start('adam_v') }];
      }),
    );
  }

  /** Begins step number `step`, from 1 on. */
  begin(step: number): void {
    this.#scalars = adamScalars(step, this.#rates);
  }

  /** Updates one variable by its gradient, which the caller still owns. */
  readonly update = (name: string, variable: Variable, gradient: Tensor): void => {
    const moments = this.#moments.get(name);
    if (!moments || !this.#scalars) throw new Error(`Adam has no variable ${name}, or no step was begun.`);
    adamStep(variable, moments.first, moments.second, gradient, this.#scalars);
  };

  /** Ends the step. */
  end(): void {
    if (this.#scalars) freeAdamScalars(this.#scalars);
    this.#scalars = undefined;
  }

  /** A copy of the moments: `name.adam_m` and `name.adam_v`. */
  moments(): Weights {
    const all = new Map<string, HostTensor>();
    for (const [name, { shape, first, second }] of this.#moments) {
      all.set(`${name}.adam_m`, { shape, data: first.values() });
      all.set(`${name}.adam_v`, { shape, data: second.values() });
    }
    return all;
  }

  dispose(): void {
    this.end();
    for (const { first, second } of this.#moments.values()) {
      first.dispose();
      second.dispose();
    }
  }
}
