import { setImmediate as nextTurn } from 'node:timers/promises';

/** Time between two turns of the event loop. */
const TURN_MS = 30;

/**
 * Makes a function that long work awaits regularly: every thirty milliseconds it lets other work run, and throws
 * the signal's reason if it was aborted.
 */
export function createPause(signal?: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN_MS) return;
    await nextTurn();
    last = performance.now();
    signal?.throwIfAborted();
  };
}
