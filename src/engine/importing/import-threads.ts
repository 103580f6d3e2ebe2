import { SHARE_ENV, Worker } from 'node:worker_threads';
import { builtEntry } from '../basics/entry.ts';
import { loadNative } from '../tensorflow/binding.ts';

/** How long an idle thread waits for another import. */
const REST_MS = 20_000;
/** The events that an import listens to. */
const EVENTS = ['message', 'error', 'exit'] as const;

interface Resting {
  readonly worker: Worker;
  readonly timer: NodeJS.Timeout;
}

const resting: Resting[] = [];

/**
 * Returns a thread that reads images: an idle one of an earlier import, which has already loaded TensorFlow and
 * compiled its code, or a new one.
 *
 * @param entry - the worker file of a test, for which a new thread is always started
 */
export function takeThread(entry?: string): Worker {
  // Node unloads an addon when the last thread that uses it ends, which crashes TensorFlow's own threads and
  // sometimes the process. So this thread loads it too.
  loadNative();
  const rested = entry === undefined ? resting.pop() : undefined;
  if (rested) {
    clearTimeout(rested.timer);
    for (const event of EVENTS) rested.worker.removeAllListeners(event);
    rested.worker.ref();
    return rested.worker;
  }
  // TensorFlow reads the process's environment, which a thread's copy would not change.
  return new Worker(entry ?? builtEntry('import-worker'), { env: SHARE_ENV });
}

/** Keeps an idle thread for the next import. It ends after a while, and does not keep the process alive. */
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
  // Errors of an idle thread are ignored.
  worker.on('error', () => undefined);
  worker.on('exit', forget);
  worker.unref();
  resting.push({ worker, timer });
}
