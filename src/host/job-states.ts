import type { ErrorPayload } from '../contract/errors.ts';
import { isTraining, type Job } from '../contract/job.ts';
import type { JobEnd } from './job-process.ts';
import { describeExit } from './process.ts';

/** Why a running job was told to stop. */
export type StopReason = 'cancel' | 'pause' | 'quit';

/** The new state of a job whose process did not end with `done`. */
export function changeAfterEnd(
  job: Job,
  stopReason: StopReason | undefined,
  end: Exclude<JobEnd, { type: 'done' }>,
): Partial<Pick<Job, 'state' | 'error'>> {
  const training = isTraining(job.request);
  if (stopReason === 'cancel') return { state: 'cancelled' };
  if (end.type === 'failed') {
    // The run can be resumed from its last checkpoint when there is space again.
    if (training && end.error.code === 'disk-full') return { state: 'interrupted', error: end.error };
    return end.error.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', error: end.error };
  }
  if (end.type === 'crashed') {
    const error = jobLostError(
      `The process of “${job.title}” ended unexpectedly (${describeExit(end.exit)}).`,
      `${training ? 'Resume continues from the last checkpoint.' : 'Try again.'} ` +
        'If it happens again, there may be too little memory.',
    );
    return training ? { state: 'interrupted', error } : { state: 'failed', error };
  }
  if (!training) {
    const message = `“${job.title}” was stopped because Unravel was closed.`;
    return { state: 'cancelled', error: { code: 'cancelled', message } };
  }
  if (stopReason === 'pause') return { state: 'paused' };
  // Stopped because Unravel closes, it continues at the next start. Stopped for an unknown reason, it does not.
  return { state: stopReason === 'quit' ? 'queued' : 'interrupted' };
}

/** The error of a job whose process or files no longer exist. */
export function jobLostError(message: string, hint: string): ErrorPayload {
  return { code: 'disconnected', message, hint };
}
