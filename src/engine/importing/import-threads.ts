import { SHARE_ENV, Worker } from 'node:worker_threads';
import { builtEntry } from '../basics/entry.ts';
import { loadNative } from '../tensorflow/binding.ts';

/** So long a thread waits for another import. */
const REST_MS = 20_000;
/** The events that an import listens to. */
const EVENTS = ['message', 'error', 'exit'] as const;

interface Resting {
  readonly worker: Worker;
  readonly timer: NodeJS.Timeout;
}

const resting: Resting[] = [];

/**
 * A thread that reads images: one that rests from an earlier import, which has TensorFlow loaded and its code
 * compiled, or a new one.
 *
 * @param entry - a test's own worker file, which is always started anew
 */
export function takeThread(entry?: string): Worker {
  // Node unloads an addon with the last thread that uses it, and TensorFlow's own threads do not survive that:
  // the process would crash now and then when the workers end. So this thread holds on to it as well.
  loadNative();
  const rested = entry === undefined ? resting.pop() : undefined;
  if (rested) {
    clearTimeout(rested.timer);
    for (const event of EVENTS) rested.worker.removeAllListeners(event);
    rested.worker.ref();
    return rested.worker;
  }
  // TensorFlow reads the environment itself, where a thread's own copy would not reach it.
  return new Worker(entry ?? builtEntry('import-worker'), { env: SHARE_ENV });
}

/**
 * Leaves a thread that has finished all its work to the next import, or to end by itself after a while. Meanwhile it
 * keeps no process alive.
 */
export function restThread(worker: Worker): void {
  for (const event of EVENTS) worker.removeAllListeners(event);
  const forget = (): void => {
    const place = resting.findIndex((each) => each.worker === worker);
    if (place >= 0) clearTimeout(resting.splice(place, 1)[0]!.timer);
  };
  const timer = setTimeout(() => {
    forget();
    void worker.terminate();
  }, REST_MS);
  timer.unref();
  // Nobody waits for one that stops now.
  worker.on('error', () => undefined);
  worker.on('exit', forget);
  worker.unref();
  resting.push({ worker, timer });
}
