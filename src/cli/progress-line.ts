import type { Progress } from '../contract/dataset.ts';
import { duration, measured, whole } from './format.ts';

/** The stream for progress: standard error, which may be a terminal. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** The terminal's width in characters. */
  readonly columns?: number;
}

/** Shortest time between two updates: on a terminal, where the line is rewritten, and elsewhere. */
const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;

/** Returns to the line's beginning and clears it (ECMA-48: CSI K). */
const CLEAR = '\r\u001b[K';

/** Progress of work that may skip some items. */
export type WorkProgress = Progress & { readonly skipped?: number };

/** Formats progress: `Importing: 3,420 of 8,000 images (42 %), 5,980 a second, 1 s left`. */
export function progressText(what: string, noun: string, progress: WorkProgress): string {
  const { done, total, rate, secondsLeft, skipped = 0 } = progress;
  const share = total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : '';
  const count = total > 0 ? `${whole(done)} of ${whole(total)} ${noun}${share}` : `${whole(done)} ${noun}`;
  const parts = [`${what}: ${count}`];
  if (rate > 0) parts.push(`${rate < 100 ? measured(rate) : whole(rate)} a second`);
  if (secondsLeft !== undefined && Number.isFinite(secondsLeft)) parts.push(`${duration(secondsLeft)} left`);
  if (skipped > 0) parts.push(`${whole(skipped)} skipped`);
  return parts.join(', ');
}

/**
 * Shows the progress of work: on a terminal in one line that is rewritten, in a log with a new line every ten seconds.
 */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  #shown = '';
  #last: number;

  /** @param now - a monotonic clock in milliseconds */
  constructor(stream: ProgressStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
    // On a terminal the first update is shown at once; a log contains only work that takes long.
    this.#last = stream.isTTY === true ? -Infinity : now();
  }

  /** Shows a text, unless one was shown a moment ago. */
  update(text: string): void {
    const isTerminal = this.#stream.isTTY === true;
    const now = this.#now();
    if (now - this.#last < (isTerminal ? REDRAW_MS : PLAIN_LINE_MS)) return;
    this.#last = now;
    if (!isTerminal) {
      this.#stream.write(`${text}\n`);
      return;
    }
    const width = Math.max(20, (this.#stream.columns ?? 80) - 1);
    this.#shown = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    this.#stream.write(CLEAR + this.#shown);
  }

  /** Clears the line on a terminal, so that other text can be written. */
  clear(): void {
    if (!this.#shown) return;
    this.#stream.write(CLEAR);
    this.#shown = '';
    this.#last = -Infinity;
  }
}
