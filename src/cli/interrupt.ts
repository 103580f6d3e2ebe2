import { UnravelError } from '../contract/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A signal that aborts at the first Ctrl-C. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Lets Ctrl-C do again what it does without us. */
  release(): void;
}

/**
 * Listens for Ctrl-C and for a request to end: the first asks the work to stop in an orderly way, the second ends
 * the process at once.
 *
 * @param onFirst - told at the first, to say that it was heard
 * @param onSecond - told at the second, just before the end
 */
export function listenForInterrupt(onFirst: () => void, onSecond: () => void): Interrupt {
  const controller = new AbortController();
  const heard = () => {
    if (controller.signal.aborted) {
      onSecond();
      process.exit(1);
    } else {
      onFirst();
      controller.abort(new UnravelError('cancelled', 'Stopped before it was finished.'));
    }
  };
  for (const name of SIGNALS) process.on(name, heard);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, heard);
    },
  };
}
