import type { ErrorPayload } from '../contract/errors.ts';
import type { Job } from '../contract/job.ts';
import type { JobEnd } from './job-process.ts';
import { isTraining } from './job-words.ts';
import { describeExit } from './process.ts';

/** Why a running job was told to stop. */
export type Wish = 'cancel' | 'pause' | 'quit';

/** What becomes of a job whose process ended otherwise than well. */
export function changeAfterEnd(
  job: Job,
  wish: Wish | undefined,
  end: Exclude<JobEnd, { type: 'done' }>,
): Partial<Pick<Job, 'state' | 'error'>> {
  const training = isTraining(job.request);
  if (wish === 'cancel') return { state: 'cancelled' };
  if (end.type === 'failed') {
    // Its run goes on from the last checkpoint when there is space again.
    if (training && end.error.code === 'disk-full') return { state: 'interrupted', error: end.error };
    return end.error.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', error: end.error };
  }
  if (end.type === 'crashed') {
    const error = lost(
      `The process of “${job.title}” ended unexpectedly (${describeExit(end.exit)}).`,
      `${training ? 'Resume goes on from the last checkpoint.' : 'Try again.'} ` +
        'If it happens again, there may be too little memory.',
    );
    return training ? { state: 'interrupted', error } : { state: 'failed', error };
  }
  if (!training) {
    const message = `“${job.title}” was stopped because Unravel was closed.`;
    return { state: 'cancelled', error: { code: 'cancelled', message } };
  }
  if (wish === 'pause') return { state: 'paused' };
  // Told to stop because Unravel is being closed, it goes on with the next start. Nobody else tells it to.
  return { state: wish === 'quit' ? 'queued' : 'interrupted' };
}

/** What a job says whose process, or whose files, went with the host. */
export function lost(message: string, hint: string): ErrorPayload {
  return { code: 'disconnected', message, hint };
}
