/** Number of steps over which the rate is measured: enough to be steady, few enough to react to changes. */
const WINDOW = 20;

/** Measures the rate of the last steps. */
export class Pace {
  readonly #batchSize: number;
  #times: number[] = [performance.now()];

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  /** Records the end of a step. */
  tick(): void {
    this.#times.push(performance.now());
    if (this.#times.length > WINDOW + 1) this.#times.shift();
  }

  /** Excludes the time since the last step, such as the measurement at the end of an epoch. */
  restart(): void {
    const pause = performance.now() - this.#times.at(-1)!;
    this.#times = this.#times.map((time) => time + pause);
  }

  get imagesPerSecond(): number {
    return this.#batchSize / this.#secondsPerStep;
  }

  /** Estimated seconds for a number of steps. */
  secondsFor(steps: number): number {
    return steps * this.#secondsPerStep;
  }

  get #secondsPerStep(): number {
    const elapsed = (this.#times.at(-1)! - this.#times[0]!) / 1000;
    return Math.max(elapsed, 1e-6) / Math.max(1, this.#times.length - 1);
  }
}
