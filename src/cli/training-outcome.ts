import { UnravelError } from '../contract/errors.ts';
import type { RunInfo, TrainingEvent } from '../contract/run.ts';
import { verdictOf, type Verdict } from '../contract/verdict.ts';
import { describeAdvice } from './describe-verdict.ts';
import { FailureWithIds } from './failure.ts';
import { counted } from './format.ts';
import type { Reporter } from './output.ts';
import type { Session } from './session.ts';
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

/** The verdict on a run whose training is over, by all of its epochs. */
async function verdictOn(
  { workspace }: Session,
  { id, config, dataset, earlierStages }: RunInfo,
): Promise<Verdict | undefined> {
  const { readMetrics } = await import('../engine/training/metrics-log.ts');
  const { runFolder } = await import('../engine/runs/store.ts');
  const { events } = await readMetrics(runFolder(workspace, id));
  const epochs = events.filter((event) => event.event === 'epoch');
  return verdictOf({ config, earlierStages, images: dataset?.images, epochs, isOver: true });
}

/** What the option says that names a folder for TensorBoard. */
export const TENSORBOARD =
  'also write the metrics of each epoch for TensorBoard, in a folder of the run’s id inside this folder';

/**
 * Reports a training until its end.
 *
 * @param start - starts the training, which calls the given listener
 * @param tensorboard - a folder for files that TensorBoard reads
 * @returns the run that is done
 * @throws FailureWithIds where it was interrupted, or failed after it had started
 */
export async function followTraining(
  reporter: Reporter,
  config: RunInfo['config'],
  start: (onEvent: (event: TrainingEvent) => void) => Promise<RunInfo>,
  tensorboard?: string,
): Promise<RunInfo> {
  const { TensorBoardLog } = await import('../engine/training/tensorboard.ts');
  const log = tensorboard === undefined ? undefined : new TensorBoardLog(tensorboard);
  const report = new TrainingReport(reporter, config);
  let info: RunInfo;
  try {
    info = await start((event) => {
      report.onEvent(event);
      log?.onEvent(event);
    });
  } catch (error) {
    if (!(error instanceof UnravelError) || report.run === undefined) throw error;
    throw error.code === 'disk-full'
      ? outOfSpace(error, report.run)
      : new FailureWithIds(error, { run: report.run });
  } finally {
    log?.close();
  }
  if (info.state === 'interrupted') throw interrupted(info);
  return info;
}

/** A run whose training is over, with the verdict on it. */
interface Trained {
  readonly info: RunInfo;
  readonly verdict: Verdict | undefined;
}

async function judge(session: Session, info: RunInfo): Promise<Trained> {
  return { info, verdict: await verdictOn(session, info) };
}

/** The result of a training, for scripts. */
function trainedFields({ info, verdict }: Trained): object {
  const { id, name, epoch, step, heldOut, decomposition } = info;
  return {
    run: id,
    name,
    epochs: epoch,
    steps: step,
    heldOut: heldOut ?? null,
    decomposition: decomposition ?? null,
    verdict: verdict ?? null,
  };
}

/** The result of a training, for people. */
function trainedWords({ info, verdict }: Trained): string[] {
  const sentence = heldOutSentence(info);
  const advice = verdict && describeAdvice(info, verdict);
  return [
    `Trained ${counted(info.epoch, 'epoch')}.${sentence === undefined ? '' : ` ${sentence}`}`,
    ...(verdict ? [`${verdict.title}. ${verdict.text}`] : []),
    ...(advice === undefined ? [] : [advice]),
  ];
}

/** Reports the result of a training, as the last output. */
export async function reportTrained(session: Session, info: RunInfo): Promise<void> {
  const trained = await judge(session, info);
  session.reporter.done(
    trainedFields(trained),
    '',
    ...trainedWords(trained),
    `See what its dimensions do: unravel traverse ${info.id} --labels --out traversal.gif`,
  );
}

/** Reports the result of several trainings, as the last output; their runs are in `runs`. */
export async function reportAllTrained(session: Session, infos: readonly RunInfo[]): Promise<void> {
  const all = await Promise.all(infos.map((info) => judge(session, info)));
  session.reporter.done(
    { runs: all.map(trainedFields) },
    '',
    ...all.flatMap((trained) => {
      const [first, ...others] = trainedWords(trained);
      return [`${trained.info.name}: ${first}`, ...others.map((line) => `  ${line}`)];
    }),
    'Compare them: unravel figures',
  );
}
