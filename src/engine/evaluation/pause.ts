import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work goes on for so long between two turns of the event loop. */
const TURN_MS = 30;

/**
 * A pause to be awaited now and then in long work: every thirty milliseconds it lets others run, and throws the signal's
 * reason once that was aborted.
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
