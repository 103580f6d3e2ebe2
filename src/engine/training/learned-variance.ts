import { logVarianceGradient, PAPERS_VARIANCE } from '../losses/gaussian.ts';
import { VARIANCE_SLOT } from '../models/companions.ts';
import type { Weights } from '../models/weights.ts';
import { free, upload } from '../tensorflow/tensors.ts';
import { Variable } from '../tensorflow/variable.ts';
import { Adam } from './adam.ts';
import type { Companion, Lesson } from './companion.ts';

/**
 * A hundred times the paper's learning rate, because log σ² may have to change by several nats, but weights only by
 * hundredths.
 */
const LEARNING_RATE = 1e-2;

/**
 * σ² of a Gaussian decoder, which is learned with the weights by the gradient of −log p(x|z) in log σ². The learned
 * parameter is log(σ²/½), so that σ² starts from the paper's ½.
 */
export class LearnedVariance implements Companion {
  readonly #variable: Variable;
  readonly #adam: Adam;
  #variance: number;

  /** @param saved - from {@link state}, or initial weights */
  constructor(saved: Weights) {
    const { name, shape } = VARIANCE_SLOT;
    const start = saved.get(name);
    if (!start) throw new Error(`No weight ${name}.`);
    this.#variable = new Variable(shape, start.data);
    this.#adam = new Adam(new Map([[name, this.#variable]]), LEARNING_RATE, saved);
    this.#variance = PAPERS_VARIANCE * Math.exp(start.data[0]!);
  }

  /** The current σ². */
  get variance(): number {
    return this.#variance;
  }

  learn({ distance, numbers, step }: Lesson): void {
    const slope = logVarianceGradient(distance, numbers, this.#variance);
    const gradient = upload(VARIANCE_SLOT.shape, Float32Array.of(slope));
    this.#adam.begin(step + 1);
    this.#adam.update(VARIANCE_SLOT.name, this.#variable, gradient);
    this.#adam.end();
    free(gradient);
    this.#variance = PAPERS_VARIANCE * Math.exp(this.#variable.values()[0]!);
  }

  state(): Weights {
    const { name, shape } = VARIANCE_SLOT;
    return new Map([[name, { shape, data: this.#variable.values() }], ...this.#adam.moments()]);
  }

  dispose(): void {
    this.#adam.dispose();
    this.#variable.dispose();
  }
}
