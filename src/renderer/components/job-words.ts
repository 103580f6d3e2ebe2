import { inOneLine } from '../../contract/errors.ts';
import type { Job } from '../../contract/job.ts';
import { duration, wholeNumber } from './format.ts';

/** One line on where a job stands. */
export function jobLine({ state, progress, error, warning }: Job): string {
  switch (state) {
    case 'queued':
      return 'queued';
    case 'pausing':
      return 'writing a checkpoint';
    case 'paused':
      return 'paused';
    case 'interrupted':
      return 'interrupted';
    case 'failed':
      return error ? inOneLine(error) : 'failed';
    case 'cancelled':
      return 'stopped';
    case 'done':
      return 'done';
    case 'running': {
      if (!progress || progress.total === 0) return 'starting';
      const { done, total, rate, secondsLeft, unit } = progress;
      const left = secondsLeft === undefined ? '' : `${duration(secondsLeft)} left, `;
      const speed = rate > 0 ? `, ${rate < 10 ? rate.toFixed(1) : wholeNumber(rate)} / s` : '';
      return warning ?? `${left}${wholeNumber(done)} of ${wholeNumber(total)} ${unit}${speed}`;
    }
  }
}

/** 0 to 1; undefined where it is not known. */
export function jobPart({ progress, state }: Job): number | undefined {
  if (state === 'done') return 1;
  return progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : undefined;
}
