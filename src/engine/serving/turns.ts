/** A piece of work that waits for its turn. */
type Piece = () => void;

/**
 * Runs pieces of computing one in each turn of the event loop, and lanes in turn: between two pieces messages
 * arrive, and a flood in one lane does not keep the others waiting.
 */
export class Turns {
  readonly #lanes = new Map<string, Piece[]>();
  #isRunning = false;

  /**
   * @param lane - what the work is part of, such as an operation's name
   * @param work - a few milliseconds of it
   * @returns what the work returns
   */
  run<T>(lane: string, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const pieces = this.#lanes.get(lane) ?? [];
      this.#lanes.set(lane, pieces);
      pieces.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      if (!this.#isRunning) this.#next();
    });
  }

  #next(): void {
    this.#isRunning = this.#lanes.size > 0;
    if (this.#isRunning) setImmediate(() => this.#runOne());
  }

  #runOne(): void {
    const [lane, pieces] = this.#lanes.entries().next().value!;
    const piece = pieces.shift()!;
    // To the end of the line, or out of it.
    this.#lanes.delete(lane);
    if (pieces.length > 0) this.#lanes.set(lane, pieces);
    piece();
    this.#next();
  }
}
