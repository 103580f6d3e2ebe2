/** One ask that was made: what it waits for, and how it is told that it counts no longer. */
interface Ask {
  readonly controller: AbortController;
  /** Ends with the ask, and never rejects. */
  settled: Promise<void>;
  /** Whether its answer or failure is still to come. */
  isPending: boolean;
}

/**
 * Loads something again and again, where the newest ask wins: every ask goes out at once, their answers may come in
 * any order, and only the newest ask's answer or failure counts. Use {@link Latest} instead where asks come many times
 * a second.
 */
export class LatestAsk {
  #newest: Ask | undefined;
  #isClosed = false;

  /**
   * Asks, and overtakes every ask before.
   *
   * @param load - asks; its signal is aborted once the answer does not count any more
   * @param take - takes the answer; not called where a newer ask was made meanwhile, or it was forgotten
   * @returns whether the answer was taken; an ask that was overtaken ends with the one that overtook it, so that
   *   whoever waits finds an answer that is at least as new as the one asked for
   * @throws what `load` or `take` threw, while the ask is the newest; an overtaken ask fails silently
   */
  async ask<T>(load: (signal: AbortSignal) => Promise<T>, take: (answer: T) => void): Promise<boolean> {
    this.forget();
    if (this.#isClosed) return false;
    const controller = new AbortController();
    const ask: Ask = { controller, settled: Promise.resolve(), isPending: true };
    this.#newest = ask;
    const answered = this.#answer(ask, load, take);
    ask.settled = answered.then(
      () => undefined,
      () => undefined,
    );
    return answered;
  }

  /** Whether an answer is still to come that would be taken. */
  get isAsking(): boolean {
    return this.#newest?.isPending ?? false;
  }

  /** Drops the ask under way; the next one is made as usual. */
  forget(): void {
    this.#newest?.controller.abort();
    this.#newest = undefined;
  }

  /** Drops the ask under way, and asks nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.forget();
  }

  async #answer<T>(
    ask: Ask,
    load: (signal: AbortSignal) => Promise<T>,
    take: (answer: T) => void,
  ): Promise<boolean> {
    const { signal } = ask.controller;
    let answer: T;
    try {
      answer = await load(signal).finally(() => (ask.isPending = false));
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.#newest?.settled;
      return false;
    }
    if (signal.aborted) {
      await this.#newest?.settled;
      return false;
    }
    take(answer);
    return true;
  }
}
