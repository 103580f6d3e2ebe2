/**
 * Latest wins: at most one call is under way, and while it is, only the newest of the others waits. For decodes that
 * follow a slider: stale ones are never asked for.
 */
export class Latest<T> {
  readonly #work: (input: T) => Promise<void>;
  #next: { readonly input: T } | undefined;
  #busy = false;

  /** @param work - must not reject; it shows its own failure */
  constructor(work: (input: T) => Promise<void>) {
    this.#work = work;
  }

  /** Runs now, or after the call under way unless a newer one comes. */
  ask(input: T): void {
    this.#next = { input };
    if (!this.#busy) void this.#run();
  }

  /** Whether something waits behind the call under way. */
  get isWaiting(): boolean {
    return this.#next !== undefined;
  }

  /** Forgets what waits; what is under way ends by itself. */
  forget(): void {
    this.#next = undefined;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      for (let next = this.#next; next; next = this.#next) {
        this.#next = undefined;
        await this.#work(next.input);
      }
    } finally {
      this.#busy = false;
    }
  }
}
