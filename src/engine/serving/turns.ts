import type { Asker } from '../../contract/serve.ts';

/** A piece of work that waits for its turn. */
interface Piece {
  readonly signal: AbortSignal;
  /** Does the work, or says why it was not done. */
  readonly run: () => void;
}

/**
 * Runs pieces of computing one in each turn of the event loop, and lanes in turn: between two pieces messages arrive,
 * and a flood in one lane does not keep the others waiting. Each client has a lane for each kind of work.
 */
export class Turns {
  readonly #lanes = new Map<string, Piece[]>();
  #isRunning = false;

  /**
   * @param kind - what the work is part of, such as an operation's name
   * @param asker - for whom it is done; nothing is done for one that does not wait any more
   * @param work - a few milliseconds of it
   * @returns what the work returns
   * @throws what the work throws, or the reason why nobody waits
   */
  run<T>(kind: string, { client, signal }: Asker, work: () => T): Promise<T> {
    const lane = `${client} ${kind}`;
    return new Promise((resolve, reject) => {
      const pieces = this.#lanes.get(lane) ?? [];
      this.#lanes.set(lane, pieces);
      const run = (): void => {
        try {
          signal.throwIfAborted();
          resolve(work());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      pieces.push({ signal, run });
      if (!this.#isRunning) this.#next();
    });
  }

  #next(): void {
    this.#isRunning = this.#lanes.size > 0;
    if (this.#isRunning) setImmediate(() => this.#runOne());
  }

  #runOne(): void {
    const [lane, pieces] = this.#lanes.entries().next().value!;
    // What nobody waits for takes no turn.
    let piece = pieces.shift()!;
    while (piece.signal.aborted && pieces.length > 0) {
      piece.run();
      piece = pieces.shift()!;
    }
    // To the end of the line, or out of it.
    this.#lanes.delete(lane);
    if (pieces.length > 0) this.#lanes.set(lane, pieces);
    piece.run();
    this.#next();
  }
}
