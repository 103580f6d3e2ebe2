import type { Asker } from '../../contract/serve.ts';

/** Work that waits for its turn. */
interface Piece {
  readonly signal: AbortSignal;
  /** Does the work, or rejects it with the reason. */
  readonly run: () => void;
}

/**
 * Runs one piece of work in each turn of the event loop, so that messages are received in between. Each client has
 * a queue for each kind of work; the queues take turns, so that many requests in one do not delay the others.
 */
export class Turns {
  readonly #queues = new Map<string, Piece[]>();
  #isRunning = false;

  /**
   * @param kind - what the work is part of, such as an operation's name
   * @param asker - the client; the work is not done if its signal is aborted
   * @param work - a few milliseconds of it
   * @returns what the work returns
   * @throws the error of the work, or the signal's reason
   */
  run<T>(kind: string, { client, signal }: Asker, work: () => T): Promise<T> {
    const queue = `${client} ${kind}`;
    return new Promise((resolve, reject) => {
      const pieces = this.#queues.get(queue) ?? [];
      this.#queues.set(queue, pieces);
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
    this.#isRunning = this.#queues.size > 0;
    if (this.#isRunning) setImmediate(() => this.#runOne());
  }

  #runOne(): void {
    const [queue, pieces] = this.#queues.entries().next().value!;
    // Cancelled work is rejected without taking a turn.
    let piece = pieces.shift()!;
    while (piece.signal.aborted && pieces.length > 0) {
      piece.run();
      piece = pieces.shift()!;
    }
    // The queue moves to the end, or is removed if it is empty.
    this.#queues.delete(queue);
    if (pieces.length > 0) this.#queues.set(queue, pieces);
    piece.run();
    this.#next();
  }
}
