import type { JobOrder, JobResult } from '../../contract/job.ts';
import type { RunInfo, TrainingEvent } from '../../contract/run.ts';
import { createProgress } from '../basics/progress.ts';
import { errorPayload } from '../../contract/errors.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { measureRate, RATE_STEPS } from '../training/measure.ts';
import { sharpen } from '../training/sharpen.ts';
import { resume, train } from '../training/train.ts';
import { reportProgress, type JobContext } from './job-context.ts';

type OrderOf<K extends JobOrder['kind']> = Extract<JobOrder, { kind: K }>;

/** A small model on a GPU takes hundreds of steps a second; at most so many are reported. */
const STEPS_REPORTED_PER_SECOND = 20;

/** The end of a job that did not fail. */
export interface JobEnd {
  readonly result: JobResult;
  /** True if it was stopped. */
  readonly isStopped: boolean;
}

/** Converts a training's events to a job's reports. */
function tellTraining({ report }: JobContext): (event: TrainingEvent) => void {
  let run = '';
  let steps = 0;
  let lastReported = Number.NEGATIVE_INFINITY;

  function tellStep(event: Extract<TrainingEvent, { event: 'step' }>): void {
    const now = performance.now();
    const isLast = event.step === steps;
    if (!isLast && now - lastReported < 1000 / STEPS_REPORTED_PER_SECOND) return;
    lastReported = now;
    const { step, epoch, loss, klPerDimension, imagesPerSecond, secondsLeft } = event;
    report({
      type: 'step',
      run,
      klPerDimension: [...klPerDimension],
      metric: { step, epoch, loss, imagesPerSecond },
    });
    const left = secondsLeft === undefined ? {} : { secondsLeft };
    const rate = secondsLeft ? (steps - step) / secondsLeft : 0;
    report({ type: 'progress', progress: { done: step, total: steps, rate, ...left, unit: 'steps' } });
  }

  return (event) => {
    switch (event.event) {
      case 'started':
        ({ run, steps } = event);
        report({ type: 'run', run });
        break;
      case 'step':
        tellStep(event);
        break;
      case 'epoch': {
        const { epoch, step, loss, heldOut, decomposition, seconds } = event;
        const parts = decomposition ? { decomposition } : {};
        report({ type: 'epoch', run, metric: { epoch, step, loss, heldOut, ...parts, seconds } });
        break;
      }
      case 'warning':
        report({ type: 'warning', message: event.message });
        break;
      case 'sheet':
      case 'checkpoint':
        break;
    }
  };
}

/** Measures a sharpened run that is done beside its origin. The run stays what it is where that fails or is stopped. */
async function compareSharpened({ workspace, signal, report }: JobContext, run: RunInfo): Promise<void> {
  if (!run.sharpening || run.state !== 'done' || signal.aborted) return;
  const { measureSharpening } = await import('../evaluation/sharpening.ts');
  try {
    await measureSharpening(workspace, run, { signal });
  } catch (error) {
    if (error === signal.reason) return;
    const { message } = errorPayload(error);
    report({ type: 'warning', message: `Before and after could not be compared: ${message}` });
  }
}

function endOf({ id, state }: RunInfo): JobEnd {
  return { result: { run: id }, isStopped: state === 'interrupted' };
}

/** Trains a new run; when it is stopped, it writes a checkpoint. */
export async function trainJob(context: JobContext, order: OrderOf<'train'>): Promise<JobEnd> {
  const { workspace, signal } = context;
  const dataset = await openLockedDataset(workspace, order.dataset);
  try {
    signal.throwIfAborted();
    const named = order.name === undefined ? {} : { name: order.name };
    return endOf(
      await train(workspace, dataset, order.config, { signal, onEvent: tellTraining(context), ...named }),
    );
  } finally {
    await dataset.close();
  }
}

/** Resumes an interrupted run, or continues one with changes. */
export async function resumeJob(context: JobContext, { run, changes }: OrderOf<'resume'>): Promise<JobEnd> {
  const { workspace, signal } = context;
  signal.throwIfAborted();
  const ended = await resume(workspace, run, { signal, changes, onEvent: tellTraining(context) });
  await compareSharpened(context, ended);
  return endOf(ended);
}

/** Makes a sharpened run of another, and measures what has changed. */
export async function sharpenJob(
  context: JobContext,
  { run, dataset, choices, name }: OrderOf<'sharpen'>,
): Promise<JobEnd> {
  const { workspace, signal } = context;
  signal.throwIfAborted();
  const ended = await sharpen(workspace, run, {
    choices,
    dataset,
    name,
    signal,
    onEvent: tellTraining(context),
  });
  await compareSharpened(context, ended);
  return endOf(ended);
}

/** Measures how fast a training would be. */
export async function measureJob(context: JobContext, order: OrderOf<'measure'>): Promise<JobEnd> {
  const { workspace, signal } = context;
  const dataset = await openLockedDataset(workspace, order.dataset);
  try {
    const progress = createProgress(RATE_STEPS);
    const tell = reportProgress(context, 'steps');
    const imagesPerSecond = await measureRate(dataset, order.config, {
      signal,
      onStep: (step) => tell(progress(step)),
    });
    return { result: { imagesPerSecond }, isStopped: false };
  } finally {
    await dataset.close();
  }
}
