import type { Progress } from '../../contract/dataset.ts';

/** The rate is that of the last seconds: the beginning is slow and a machine may get busy. */
const WINDOW_MS = 4000;

/**
 * Turns counts into progress: a rate over the last four seconds and the time left by it.
 *
 * @param total - pieces of work altogether
 * @param now - the clock, in milliseconds
 * @returns a function that takes the pieces done so far
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

/** Progress of an import, with the files that it has left out so far. */
export interface ImportProgress extends Progress {
  readonly skipped: number;
}
