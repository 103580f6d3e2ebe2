import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { withOwnDeviation } from '../../contract/deviation.ts';
import { errorPayload, UnravelError } from '../../contract/errors.ts';
import {
  objectiveTitle,
  type Continuation,
  type RunInfo,
  type TrainingConfig,
  type TrainingEvent,
} from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { splitDataset } from '../data/split.ts';
import { removeLeftovers } from '../../system/remove.ts';
import { companionSlots, specOfRun } from '../runs/spec.ts';
import { describeCondition } from '../inference/conditions.ts';
import { makeDecoder } from '../losses/decoders.ts';
import { makeObjective } from '../losses/objectives.ts';
import { drawWeights, initialWeights } from '../models/weights.ts';
import { readCheckpoint, type Checkpoint } from '../runs/checkpoint.ts';
import { multipliesBfloat16 } from '../basics/processor.ts';
import { lockRun, withoutProcess } from '../runs/lock.ts';
import {
  beginRun,
  CHECKPOINT_FILE,
  freeRunName,
  makeRunId,
  openRun,
  runFolder,
  saveRunInfo,
} from '../runs/store.ts';
import { loadNative } from '../tensorflow/binding.ts';
import { VERSION } from '../basics/version.ts';
import { tidyWorkspace, type Workspace } from '../basics/workspace.ts';
import { BatchPlan } from './batches.ts';
import { TrainingSession } from './session.ts';

/** Options of a training that is resumed or continued. */
export interface ResumeOptions extends TrainingOptions {
  /** More epochs, or another learning rate, from the checkpoint on. */
  readonly changes?: Continuation | undefined;
}

/** Options for events and cancellation of a training. */
export interface TrainingOptions {
  /** Aborting writes a checkpoint and ends the training as interrupted. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** Whether a weight belongs to the decoder, which alone is trained when it is sharpened. */
export function isOfDecoder(name: string): boolean {
  return name.startsWith('decoder.');
}

/** Temporary files of a training in its run's folder, which it writes while it has the run's lock. */
const HALF_WRITTEN = /^\.(run\.json|checkpoint\.safetensors)\.\d+\.[0-9a-f]{8}\.part$/;

/** Minimum number of images of a data set for training. */
const FEWEST_IMAGES = 4;

/**
 * Makes the description of a new run.
 *
 * @param name - the run's name; by default the model's name and the data set's
 * @throws UnravelError `bad-input` if there are too few images, or the layers of an own architecture do not fit them
 */
export async function newRun(dataset: Dataset, config: TrainingConfig, name?: string): Promise<RunInfo> {
  const { info } = dataset;
  if (info.images < FEWEST_IMAGES) {
    throw new UnravelError(
      'bad-input',
      `The data set ${info.name} has only ${info.images} ${info.images === 1 ? 'image' : 'images'}.`,
      {
        hint: `Training needs at least ${FEWEST_IMAGES}, and is useful with some hundreds or more.`,
      },
    );
  }
  checkObjective(config);
  const own = withOwnDeviation(config);
  const condition =
    config.condition === undefined ? undefined : await describeCondition(dataset, config.condition);
  const given = condition ? ` given ${condition.column}` : '';
  const title = name ?? `${objectiveTitle(config.objective.model)} on ${info.name}${given}`;
  const run: RunInfo = {
    ...begunOn(info, title),
    config: condition ? { ...own, condition: condition.column } : own,
    ...(condition ? { condition } : {}),
  };
  // An architecture of a person's own may not fit these images.
  specOfRun(run);
  return run;
}

/** What is known of a run that begins now on a data set, whatever is trained. */
export function begunOn(info: DatasetInfo, title: string): Omit<RunInfo, 'config'> {
  return {
    version: 1,
    id: makeRunId(title),
    name: title,
    created: new Date().toISOString(),
    state: 'running',
    pid: process.pid,
    dataset: {
      id: info.id,
      name: info.name,
      images: info.images,
      crop: info.crop,
      ...(info.split ? { split: info.split } : {}),
      ...(info.stretch ? { stretch: info.stretch } : {}),
    },
    imageSize: info.imageSize,
    channels: info.channels,
    epoch: 0,
    step: 0,
    versions: { unravel: VERSION, tensorflow: loadNative().version },
  };
}

/** @throws UnravelError `bad-input` for weights or a decoder that do not fit the model, whoever wrote them */
function checkObjective({ objective, decoder }: TrainingConfig): void {
  const { model, ...weights } = objective;
  makeObjective(model, weights);
  makeDecoder(model, decoder ?? {});
}

/** The checkpoint before a run's first step, with initial weights. */
export function freshCheckpoint(run: RunInfo): Checkpoint {
  return {
    weights: initialWeights(specOfRun(run), run.config.seed),
    statistics: new Map(),
    moments: undefined,
    companions: drawWeights(companionSlots(run), run.config.seed),
    step: 0,
    epoch: 0,
  };
}

/**
 * Trains a model on a data set.
 *
 * @param name - the run's name; by default the model's name and the data set's, and a number if a run has that name
 * @returns the run when it is done, or interrupted by the signal
 * @throws UnravelError `diverged` if a loss is not finite; the last checkpoint is kept
 */
export async function train(
  workspace: Workspace,
  dataset: Dataset,
  config: TrainingConfig,
  { name, ...options }: TrainingOptions & { readonly name?: string } = {},
): Promise<RunInfo> {
  if (dataset.info.kind === 'points') {
    throw new UnravelError('bad-input', `The data set ${dataset.info.name} has points without images.`, {
      hint: 'Train on a data set of images.',
    });
  }
  const made = await newRun(dataset, config, name);
  const run = name === undefined ? { ...made, name: await freeRunName(workspace, made.name) } : made;
  await tidyWorkspace(workspace);
  const lock = await beginRun(workspace, run);
  try {
    return await continueTraining(workspace, run, dataset, freshCheckpoint(run), options);
  } finally {
    lock.release();
  }
}

/**
 * Resumes an interrupted run. On a CPU the result is the same, bit for bit, as without an interruption. With changes a run
 * that is done goes on, too: for more epochs, also at another learning rate; what held before is kept in the run.
 *
 * @param runId - the run's exact id
 * @throws UnravelError if the run is done and gets no more epochs, or is running elsewhere, its data set was removed,
 * or its checkpoint is damaged
 */
export async function resume(
  workspace: Workspace,
  runId: string,
  options: ResumeOptions = {},
): Promise<RunInfo> {
  const { info, folder } = await openRun(workspace, runId);
  const lock = await lockRun(folder, info.id, 'Wait until it ends, or stop it first.');
  try {
    // Read again, because another process may have trained it before the lock was taken.
    const { info: now } = await openRun(workspace, info.id);
    return await resumeLocked(workspace, withoutProcess(now), folder, options);
  } finally {
    lock.release();
  }
}

async function resumeLocked(
  workspace: Workspace,
  info: RunInfo,
  folder: string,
  { changes = {}, ...options }: ResumeOptions,
): Promise<RunInfo> {
  if (info.state === 'imported' || !info.dataset) {
    throw new UnravelError('bad-input', `The run ${info.id} was trained elsewhere and cannot be resumed.`, {
      hint: 'Explore the model instead.',
      remedy: 'look',
    });
  }
  checkChanges(info, changes);
  checkObjective(info.config);
  const dataset = await openLockedDataset(workspace, info.dataset.id);
  try {
    checkSameImages(dataset, info, info.dataset.images);
    const { failure: _mended, ...rest } = info;
    const read = (): Promise<Checkpoint> =>
      readCheckpoint(folder, specOfRun(info), {
        moments: 'all',
        isTrained: info.sharpening && isOfDecoder,
        companions: companionSlots(info),
      });
    // A process may be killed after its first checkpoint but before updating run.json, or before any checkpoint.
    // A sharpening has a checkpoint from the beginning.
    const saved = await (info.step > 0 || info.epoch > 0 || info.sharpening
      ? read()
      : read().catch((error: unknown) => {
          if (error instanceof UnravelError && error.code === 'not-found') return freshCheckpoint(info);
          throw error;
        }));
    await checkProgress(saved, info, dataset, join(folder, CHECKPOINT_FILE));
    const running: RunInfo = { ...continued(rest, changes, saved.step), state: 'running', pid: process.pid };
    await saveRunInfo(workspace, running);
    // An incomplete checkpoint of a killed process may be as large as a complete one.
    await removeLeftovers(folder, HALF_WRITTEN);
    await removeLeftovers(join(folder, 'snapshots'));
    return await continueTraining(workspace, running, dataset, saved, options);
  } finally {
    await dataset.close();
  }
}

/** @throws UnravelError `conflict` if a run that is done gets no more epochs, or one gets fewer than it has had */
function checkChanges({ id, state, epoch, config }: RunInfo, { epochs = config.epochs }: Continuation): void {
  if (epochs > epoch || (state !== 'done' && epochs === config.epochs)) return;
  const had = epoch === 1 ? '1 epoch' : `${epoch} epochs`;
  throw new UnravelError('conflict', `The run ${id} has had ${had} of ${epochs}.`, {
    hint: 'Choose a larger number of epochs in all to train it further.',
    remedy: 'more-epochs',
  });
}

/** The run with changes from a step on, and what held before. */
function continued(run: RunInfo, changes: Continuation, step: number): RunInfo {
  const { epochs, learningRate } = run.config;
  const config = { ...run.config, ...changes };
  if (config.epochs === epochs && config.learningRate === learningRate) return run;
  const earlierStages = [...(run.earlierStages ?? []), { step, epochs, learningRate }];
  return { ...run, config, earlierStages };
}

/** @throws UnravelError `bad-input` if the images of the run's data set have changed since the run began */
export function checkSameImages({ info }: Dataset, { imageSize }: RunInfo, images: number): void {
  const hint =
    info.images !== images
      ? `It has ${info.images} images now and had ${images}.`
      : info.imageSize !== imageSize
        ? `Its images are ${info.imageSize}×${info.imageSize} now and were ${imageSize}×${imageSize}.`
        : undefined;
  if (hint === undefined) return;
  throw new UnravelError('bad-input', `The data set ${info.name} is not the one the run began with.`, {
    hint,
  });
}

/**
 * Stores in the run that its training has ended with an error. If the disk is full, the run is marked interrupted,
 * because it can continue when there is space. If that cannot be written either, the run counts as interrupted
 * because it is not locked any more.
 */
async function noteFailure(session: TrainingSession, error: unknown): Promise<void> {
  if (error instanceof UnravelError && error.code === 'disk-full') {
    await session.giveUp().catch(() => undefined);
  } else {
    // The original error is more important than one of saving it.
    await session.fail(errorPayload(error)).catch(() => undefined);
  }
}

/** @throws UnravelError `bad-input` for a checkpoint of a longer training than the run's */
async function checkProgress(
  { step }: Checkpoint,
  { config }: RunInfo,
  dataset: Dataset,
  path: string,
): Promise<void> {
  const { train: images } = await splitDataset(dataset, config.heldOutFraction);
  const most = new BatchPlan(images, config.batchSize, config.seed).stepsPerEpoch * config.epochs;
  if (step <= most) return;
  throw new UnravelError(
    'bad-input',
    `Could not use ${path}: it is of step ${step}, and the run has ${most}.`,
    {
      path,
      hint: 'It belongs to another run. Put back the checkpoint of this one, or train again.',
    },
  );
}

/** Trains from a checkpoint to the end, or until the signal. The caller holds the run's lock. */
export async function continueTraining(
  workspace: Workspace,
  run: RunInfo,
  dataset: Dataset,
  start: Checkpoint,
  { signal, onEvent = () => undefined }: TrainingOptions,
): Promise<RunInfo> {
  const session = await TrainingSession.open({
    folder: runFolder(workspace, run.id),
    run,
    dataset,
    start,
    emit: onEvent,
    save: (info) => saveRunInfo(workspace, info),
  });
  try {
    const { device } = loadNative();
    onEvent({ event: 'started', run: run.id, steps: session.totalSteps, device });
    if (session.passedOver > 0) {
      const lines = session.passedOver === 1 ? '1 line' : `${session.passedOver} lines`;
      const message = `${lines} of the run's metrics could not be read and were left out of its curves.`;
      onEvent({ event: 'warning', message });
    }
    if (run.config.precision === 'mixed' && device === 'cpu' && multipliesBfloat16() === false) {
      const message = 'This processor has no bfloat16 instructions, so mixed precision is not faster.';
      onEvent({ event: 'warning', message, remedy: 'full-precision' });
    }
    for await (const _ of session.steps()) {
      // Between steps, the event loop handles signals, reading and events.
      await nextTurn();
      if (signal?.aborted) return await session.interrupt();
    }
    return await session.finish();
  } catch (error) {
    await noteFailure(session, error);
    throw error;
  } finally {
    await session.close();
  }
}
