/**
 * The receiving half of a port. It stores messages until there is a listener, and calls the close listeners
 * once.
 */
export class Mailbox {
  #listener: ((message: unknown) => void) | undefined;
  readonly #closeListeners: (() => void)[] = [];
  #waiting: unknown[] = [];
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Passes a message to the listener, or stores it until there is one. */
  deliver(message: unknown): void {
    if (this.#isClosed) return;
    if (this.#listener) this.#listener(message);
    else this.#waiting.push(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) listener(message);
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  /** Closes the mailbox: later messages are dropped. */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = [];
    for (const listener of this.#closeListeners) listener();
  }
}
