/** Steps that the rate is measured over: long enough to be steady, short enough to follow the machine. */
const WINDOW = 20;

/** How fast steps go, by the last of them. */
export class Pace {
  readonly #batchSize: number;
  #times: number[] = [performance.now()];

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  /** Notes that a step ended. */
  tick(): void {
    this.#times.push(performance.now());
    if (this.#times.length > WINDOW + 1) this.#times.shift();
  }

  /** Leaves out what happened between steps, such as an epoch's evaluation. */
  restart(): void {
    const pause = performance.now() - this.#times.at(-1)!;
    this.#times = this.#times.map((time) => time + pause);
  }

  get imagesPerSecond(): number {
    return this.#batchSize / this.#secondsPerStep;
  }

  /** Seconds that so many steps will take. */
  secondsFor(steps: number): number {
    return steps * this.#secondsPerStep;
  }

  get #secondsPerStep(): number {
    const elapsed = (this.#times.at(-1)! - this.#times[0]!) / 1000;
    return Math.max(elapsed, 1e-6) / Math.max(1, this.#times.length - 1);
  }
}
