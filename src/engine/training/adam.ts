import type { HostTensor } from '../files/safetensors.ts';
import type { Optimiser } from '../../contract/optimiser.ts';
import type { Weights } from '../models/weights.ts';
import * as ops from '../tensorflow/operations.ts';
import { free, scalar, type Tensor } from '../tensorflow/tensors.ts';
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

/** Adam's rates, and what else changes its steps. */
export interface AdamSettings extends AdamRates, Pick<Optimiser, 'clipNorm' | 'weightDecay'> {}

/** A gradient that waits until all are known. */
interface Waiting {
  readonly name: string;
  readonly variable: Variable;
  readonly gradient: Tensor;
}

/** Weights that decay: filters and matrices, but no biases and no scales (as in Loshchilov & Hutter 2019's own code). */
const DECAYING = /\.(filter|matrix)$/;

/**
 * The Adam optimiser of a model's variables, with moments that can be saved and restored. On demand with decoupled weight
 * decay, w ← w − η·λ·w before Adam's step (Loshchilov & Hutter 2019, algorithm 2), and with gradients whose common norm is
 * limited.
 */
export class Adam {
  readonly #settings: AdamSettings;
  readonly #moments: ReadonlyMap<string, Moments>;
  #scalars: AdamScalars | undefined;
  /** η·λ of this step. */
  #decay: Tensor | undefined;
  #waiting: Waiting[] = [];

  /**
   * @param variables - the variables to train, by name
   * @param settings - the learning rate, or more
   * @param saved - moments from {@link moments}; zeros if left out
   */
  constructor(variables: ReadonlyMap<string, Variable>, settings: number | AdamSettings, saved?: Weights) {
    this.#settings = typeof settings === 'number' ? { learningRate: settings } : settings;
    this.#moments = new Map(
      [...variables].map(([name, { shape }]) => {
        const size = shape.reduce((product, n) => product * n, 1);
        const start = (part: string): Variable =>
          new Variable(shape, saved?.get(`${name}.${part}`)?.data ?? new Float32Array(size));
        return [name, { shape, first: start('adam_m'), second: start('adam_v') }];
      }),
    );
  }

  /**
   * Begins step number `step`, from 1 on.
   *
   * @param rateFactor - what the learning rate is multiplied by
   */
  begin(step: number, rateFactor = 1): void {
    // A step that failed has left its gradients, which are freed already.
    this.#waiting = [];
    const learningRate = this.#settings.learningRate * rateFactor;
    this.#scalars = adamScalars(step, { ...this.#settings, learningRate });
    const { weightDecay } = this.#settings;
    this.#decay = weightDecay === undefined ? undefined : scalar(learningRate * weightDecay);
  }

  /**
   * Updates one variable by its gradient, which the caller still owns; at once, or at the step's end if the norm of all is
   * limited.
   */
  readonly update = (name: string, variable: Variable, gradient: Tensor): void => {
    if (this.#settings.clipNorm === undefined) this.#apply(name, variable, gradient);
    else this.#waiting.push({ name, variable, gradient: ops.identity(gradient) });
  };

  /** Ends the step. */
  end(): void {
    const { clipNorm } = this.#settings;
    if (clipNorm !== undefined && this.#waiting.length > 0) this.#applyClipped(clipNorm);
    if (this.#scalars) freeAdamScalars(this.#scalars);
    free(this.#decay);
    this.#scalars = undefined;
    this.#decay = undefined;
  }

  #apply(name: string, variable: Variable, gradient: Tensor): void {
    const moments = this.#moments.get(name);
    if (!moments || !this.#scalars) throw new Error(`Adam has no variable ${name}, or no step was begun.`);
    if (this.#decay !== undefined && DECAYING.test(name)) {
      const weight = variable.read();
      const part = ops.multiply(weight, this.#decay);
      free(weight);
      variable.subtract(part);
      free(part);
    }
    adamStep(variable, moments.first, moments.second, gradient, this.#scalars);
  }

  /** Multiplies all gradients by c/max(c, ‖g‖), where ‖g‖ is their common norm. */
  #applyClipped(most: number): void {
    const halves = this.#waiting.map(({ gradient }) => ops.halfSquareSum(gradient));
    const [half, two, limit] = [ops.addAll(halves), scalar(2), scalar(most)];
    const square = ops.multiply(half, two);
    const norm = ops.squareRoot(square);
    const larger = ops.maximum(norm, limit);
    const factor = ops.divide(limit, larger);
    free(...halves, half, two, limit, square, norm, larger);
    for (const { name, variable, gradient } of this.#waiting) {
      const clipped = ops.multiply(gradient, factor);
      this.#apply(name, variable, clipped);
      free(clipped, gradient);
    }
    free(factor);
    this.#waiting = [];
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
