import { UnravelError } from '../contract/errors.ts';
import type { RunInfo, TrainingEvent } from '../contract/run.ts';
import { FailureWithIds } from './failure.ts';
import { counted } from './format.ts';
import type { Reporter } from './output.ts';
import { heldOutSentence, TrainingReport } from './training-report.ts';

/** The error of a training that was stopped and can be resumed. */
function interrupted({ id, epoch, step, config }: RunInfo): FailureWithIds {
  const progress = `after step ${step} (${counted(epoch, 'epoch')} of ${config.epochs} complete)`;
  const error = new UnravelError('cancelled', `Interrupted ${progress}; a checkpoint was written.`, {
    hint: `Resume it with: unravel resume ${id}`,
  });
  return new FailureWithIds(error, { run: id, epoch, step, resumable: true });
}

/** The error of a training that stopped because the disk is full; it can be resumed from its last checkpoint. */
function outOfSpace({ code, message, path, cause }: UnravelError, run: string): FailureWithIds {
  const error = new UnravelError(code, message, {
    ...(path === undefined ? {} : { path }),
    hint: `Free some space, then resume it with: unravel resume ${run}`,
    cause,
  });
  return new FailureWithIds(error, { run, resumable: true });
}

/**
 * Reports a training until its end.
 *
 * @param start - starts the training, which calls the given listener
 * @returns the run that is done
 * @throws FailureWithIds where it was interrupted, or failed after it had started
 */
export async function followTraining(
  reporter: Reporter,
  config: RunInfo['config'],
  start: (onEvent: (event: TrainingEvent) => void) => Promise<RunInfo>,
): Promise<RunInfo> {
  const report = new TrainingReport(reporter, config);
  let info: RunInfo;
  try {
    info = await start(report.onEvent);
  } catch (error) {
    if (!(error instanceof UnravelError) || report.run === undefined) throw error;
    throw error.code === 'disk-full'
      ? outOfSpace(error, report.run)
      : new FailureWithIds(error, { run: report.run });
  }
  if (info.state === 'interrupted') throw interrupted(info);
  return info;
}

/** The result of a training, for scripts. */
function trainedFields({ id, name, epoch, step, heldOut, decomposition }: RunInfo): object {
  return {
    run: id,
    name,
    epochs: epoch,
    steps: step,
    heldOut: heldOut ?? null,
    decomposition: decomposition ?? null,
  };
}

/** The result of a training, for people. */
function trainedWords(info: RunInfo): string {
  const sentence = heldOutSentence(info);
  return `Trained ${counted(info.epoch, 'epoch')}.${sentence === undefined ? '' : ` ${sentence}`}`;
}

/** Reports the result of a training, as the last output. */
export function reportTrained(reporter: Reporter, info: RunInfo): void {
  reporter.done(
    trainedFields(info),
    '',
    trainedWords(info),
    `See what its dimensions do: unravel traverse ${info.id} --labels --out traversal.gif`,
  );
}

/** Reports the result of several trainings, as the last output; their runs are in `runs`. */
export function reportAllTrained(reporter: Reporter, infos: readonly RunInfo[]): void {
  reporter.done(
    { runs: infos.map(trainedFields) },
    '',
    ...infos.map((info) => `${info.name}: ${trainedWords(info)}`),
    'Compare them: unravel figures',
  );
}
