/** What {@link Latest} does for each ask. */
export interface LatestWork<Asked, Answer> {
  /** @param signal - aborted once the answer does not count any more */
  readonly load: (asked: Asked, signal: AbortSignal) => Promise<Answer>;
  /** Shows an answer. One that a newer ask waits behind is shown, too: so a picture follows a slider. */
  readonly show: (answer: Answer, asked: Asked) => void;
  /** Hears why there is no answer; not of an ask that a newer one waits behind, whose answer will say. */
  readonly fail: (error: unknown, asked: Asked) => void;
}

/**
 * Latest wins, for asks that come many times a second, as a slider's: at most one is under way, and while it is, only
 * the newest of the others waits. So answers come in the order of their asks, and no stale one after a newer one. Use
 * {@link LatestAsk} where asks are rare and none should wait.
 */
export class Latest<Asked, Answer> {
  readonly #work: LatestWork<Asked, Answer>;
  #next: { readonly asked: Asked } | undefined;
  #isBusy = false;
  #isClosed = false;
  #controller = new AbortController();

  constructor(work: LatestWork<Asked, Answer>) {
    this.#work = work;
  }

  /** Asks now, or after the ask under way unless a newer one comes. */
  ask(asked: Asked): void {
    if (this.#isClosed) return;
    this.#next = { asked };
    if (!this.#isBusy) void this.#run();
  }

  /** Whether something waits behind the ask under way. */
  get isWaiting(): boolean {
    return this.#next !== undefined;
  }

  /** Forgets what waits, and drops the answer of what is under way. */
  forget(): void {
    this.#next = undefined;
    this.#controller.abort();
  }

  /** Forgets everything, and asks nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.forget();
  }

  async #run(): Promise<void> {
    const { load, show, fail } = this.#work;
    this.#isBusy = true;
    try {
      for (let next = this.#next; next; next = this.#next) {
        this.#next = undefined;
        const { asked } = next;
        const { signal } = (this.#controller = new AbortController());
        try {
          const answer = await load(asked, signal);
          if (!signal.aborted) show(answer, asked);
        } catch (error) {
          if (!signal.aborted && !this.isWaiting) fail(error, asked);
        }
      }
    } finally {
      this.#isBusy = false;
    }
  }
}
