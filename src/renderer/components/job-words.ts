import { inOneLine } from '../../contract/errors.ts';
import type { Held, Job } from '../../contract/job.ts';
import { shownText } from '../../contract/shown-text.ts';
import { duration, wholeNumber } from './format.ts';

/** Why a job has not begun, and what starting it means. */
export function heldText({ reason }: Held): string {
  return reason === 'files'
    ? 'It was queued when Unravel was closed. Start it?'
    : 'It was queued in this workspace, but not by you in this folder: the workspace was copied, moved or given to you. ' +
        'Start it only if you want what it does.';
}

/** What a held job does with files, and with which. */
export function heldFiles({
  reads,
  writes,
}: Held): { readonly what: string; readonly paths: readonly string[] }[] {
  return [
    { what: 'It reads', paths: reads.map(shownText) },
    { what: 'It writes', paths: writes.map(shownText) },
  ].filter(({ paths }) => paths.length > 0);
}

/** One line on where a job stands. */
export function jobLine({ state, progress, error, warning }: Job): string {
  switch (state) {
    case 'held':
      return 'not started';
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
