import type { Progress } from '../../contract/dataset.ts';

/**
 * The rate is measured over the last seconds only, because the beginning is slow and the load of a machine changes.
 */
const WINDOW_MS = 4000;

/**
 * Computes progress from counts: the rate over the last four seconds, and the remaining time at that rate.
 *
 * @param total - total number of items
 * @param now - the clock, in milliseconds
 * @returns a function that takes the number of items done so far
 */
export function createProgress(
  total: number,
  now: () => number = () => performance.now(),
): (done: number) => Progress {
  const samples = [{ at: now(), done: 0 }];
  return (done) => {
    const at = now();
    samples.push({ at, done });
    while (samples.length > 2 && at - samples[1]!.at >= WINDOW_MS) samples.shift();
    const since = samples[0]!;
    const rate = at > since.at ? ((done - since.done) * 1000) / (at - since.at) : 0;
    return { done, total, rate, secondsLeft: rate > 0 ? Math.max(0, total - done) / rate : undefined };
  };
}

/** Progress of an import, with the number of files that it has skipped so far. */
export interface ImportProgress extends Progress {
  readonly skipped: number;
}
