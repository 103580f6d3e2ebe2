/**
 * Signals that somebody waits no more: Node 12 has none, and Chromium's of then neither give a reason nor throw it.
 * `abort` is the one event that anybody listens to.
 */
class Signal {
  readonly #listeners = new Set<() => void>();
  aborted = false;
  reason: unknown = undefined;

  addEventListener(_abort: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_abort: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** For the controller. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
  }
}

class Controller {
  readonly signal = new Signal();

  abort(reason: unknown = new Error('This operation was aborted')): void {
    this.signal.abort(reason);
  }
}

const known = (globalThis as { AbortController?: typeof AbortController }).AbortController;
if (!known) {
  for (const [name, value] of Object.entries({ AbortController: Controller, AbortSignal: Signal })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
} else if (!('throwIfAborted' in AbortSignal.prototype)) {
  // The page's own are listened to by fetch, and so they stay.
  const reasons = new WeakMap<AbortSignal, unknown>();
  const { prototype } = known;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
  const { abort } = prototype;
  prototype.abort = function (reason: unknown = new Error('This operation was aborted')): void {
    if (!this.signal.aborted) reasons.set(this.signal, reason);
    abort.call(this);
  };
  Object.defineProperties(AbortSignal.prototype, {
    reason: {
      get(this: AbortSignal) {
        return reasons.get(this);
      },
    },
    throwIfAborted: {
      value(this: AbortSignal) {
        if (this.aborted) throw reasons.get(this);
      },
    },
  });
}
