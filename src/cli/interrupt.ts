import { constants } from 'node:os';
import { UnravelError } from '../contract/errors.ts';

/** The signals that ask a command to end: Ctrl-C, a service manager or `kill`, and a closed terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndingSignal = (typeof SIGNALS)[number];

/**
 * Signals that follow one another faster than this count as one request. A Ctrl-C under `npm run` arrives twice, from
 * the terminal and from npm; a service manager may send SIGTERM and SIGHUP together.
 */
const SAME_REQUEST_MS = 500;

/** The exit code of a program that a signal has ended, as in shells: 130 for Ctrl-C. */
export function exitCodeOf(signal: EndingSignal | 'SIGPIPE'): number {
  return 128 + constants.signals[signal];
}

/** A signal that aborts when the command is to end. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code for a command that stopped because of {@link signal}; 1 while it is not aborted. */
  readonly exitCode: number;
  /** Aborts for another reason than a signal; only the first reason counts. */
  stop(exitCode: number): void;
  /** Restores the default effect of the signals. */
  release(): void;
}

/**
 * Listens for the signals that ask a process to end. The first one stops the work, which saves its state; the second
 * ends the process at once. A closed terminal sends SIGHUP more than once, so SIGHUP is never the second.
 *
 * @param onFirst - called at the first signal, to confirm it
 * @param onSecond - called at the second signal, just before the process ends
 * @param now - a monotonic clock in milliseconds
 */
export function listenForInterrupt(
  onFirst: () => void,
  onSecond: () => void,
  now: () => number = () => performance.now(),
): Interrupt {
  const controller = new AbortController();
  let exitCode = 1;
  let heardAt: number | undefined;
  const stop = (code: number): void => {
    if (controller.signal.aborted) return;
    exitCode = code;
    controller.abort(new UnravelError('cancelled', 'Stopped before it was finished.'));
  };
  const listeners = SIGNALS.map((name) => {
    const heard = (): void => {
      if (heardAt === undefined) {
        heardAt = now();
        onFirst();
        stop(exitCodeOf(name));
      } else if (name !== 'SIGHUP' && now() - heardAt >= SAME_REQUEST_MS) {
        onSecond();
        process.exit(exitCodeOf(name));
      }
    };
    process.on(name, heard);
    return [name, heard] as const;
  });
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    stop,
    release() {
      for (const [name, heard] of listeners) process.off(name, heard);
    },
  };
}
