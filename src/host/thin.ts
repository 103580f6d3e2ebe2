/**
 * Passes on what comes too often: the first at once, then at most one an interval, and always the last.
 *
 * @param intervalMs - the least time between two
 */
export class Thinner<T> {
  readonly #intervalMs: number;
  readonly #pass: (value: T) => void;
  #timer: NodeJS.Timeout | undefined;
  #waiting: { readonly value: T } | undefined;

  constructor(intervalMs: number, pass: (value: T) => void) {
    this.#intervalMs = intervalMs;
    this.#pass = pass;
  }

  push(value: T): void {
    if (this.#timer) {
      this.#waiting = { value };
      return;
    }
    this.#pass(value);
    this.#timer = setTimeout(() => this.#tick(), this.#intervalMs);
  }

  /** Passes on what waits, at once. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#pass(waiting.value);
  }

  /** Drops what waits. */
  drop(): void {
    this.#waiting = undefined;
    this.flush();
  }

  #tick(): void {
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.push(waiting.value);
  }
}
