import type { Progress } from '../../contract/dataset.ts';
import type { JobReport } from '../../contract/job-channel.ts';
import type { Workspace } from '../basics/workspace.ts';

/** The workspace, cancellation signal and reports of a job. */
export interface JobContext {
  readonly workspace: Workspace;
  /** Aborted when the job is to stop; its reason is an UnravelError `cancelled`. */
  readonly signal: AbortSignal;
  readonly report: (report: JobReport) => void;
}

/** Turns progress into reports. @param unit - what is counted: `files`, `images`, `steps`, `frames` */
export function reportProgress(
  { report }: Pick<JobContext, 'report'>,
  unit: string,
): (progress: Progress) => void {
  return ({ done, total, rate, secondsLeft }) =>
    report({
      type: 'progress',
      progress: { done, total, rate, ...(secondsLeft === undefined ? {} : { secondsLeft }), unit },
    });
}
