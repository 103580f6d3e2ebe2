import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import {
  descriptorOf,
  TrainingConfigSchema,
  type Precision,
  type RunInfo,
  type TrainingConfig,
} from '../../contract/run.ts';
import { SHARPENING_DEFAULTS, SharpeningWeightsSchema } from '../../contract/sharpening.ts';
import { tidyWorkspace, type Workspace } from '../basics/workspace.ts';
import type { Dataset } from '../data/dataset.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { describeCondition } from '../inference/conditions.ts';
import { drawWeights, type Weights } from '../models/weights.ts';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../runs/checkpoint.ts';
import { companionSlots, specOfRun } from '../runs/spec.ts';
import { beginRun, freeRunName, openRun } from '../runs/store.ts';
import { begunOn, checkSameImages, continueTraining, isOfDecoder, type TrainingOptions } from './train.ts';

/** What a person may choose for a sharpening; see `SHARPENING_DEFAULTS`. */
export interface SharpeningChoices {
  readonly adversarial?: number | undefined;
  readonly perceptual?: number | undefined;
  readonly epochs?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly batchSize?: number | undefined;
  /** That of the run if left out. */
  readonly precision?: Precision | undefined;
  readonly seed?: number | undefined;
}

/** The options of a sharpening. */
export interface SharpenOptions extends TrainingOptions {
  readonly choices?: SharpeningChoices;
  /** The data set to train on, for a model that was trained elsewhere; the run's own if left out. */
  readonly dataset?: string | undefined;
  /** The new run's name; by default the run's with “sharpened”, and a number if a run has that name. */
  readonly name?: string | undefined;
}

/** The weights of Adam's moving average: what the discriminator does from step to step cancels in it. */
const AVERAGE_DECAY = 0.995;

/**
 * Makes a new run from a trained one, with the same encoder, and trains its decoder further for sharper pictures. Codes stay
 * the same, bit for bit, and so do scatter, sliders' order and scores.
 *
 * @param originId - the exact id of the trained run, which is not changed
 * @returns the new run when it is done, or interrupted by the signal; it is resumed like any other
 * @throws UnravelError `bad-input` for a run that has no encoder or decoder that can be trained, `not-found` if its
 * data set or its checkpoint is missing, `conflict` while it is being trained
 */
export async function sharpen(
  workspace: Workspace,
  originId: string,
  { choices = {}, dataset: given, name, ...options }: SharpenOptions = {},
): Promise<RunInfo> {
  const { info: origin, folder } = await openRun(workspace, originId);
  checkOrigin(origin);
  const dataset = await openLockedDataset(workspace, datasetOf(origin, given));
  try {
    const run = await sharpenedRun(origin, dataset, choices, name);
    const named = { ...run, name: await freeRunName(workspace, run.name) };
    const spec = specOfRun(run);
    const { weights, statistics, step } = await readCheckpoint(folder, spec, { moments: 'left-out' });
    const { origin: of, ...settings } = run.sharpening!;
    const begun: RunInfo = { ...named, sharpening: { origin: { ...of, step }, ...settings } };
    const companions = drawWeights(companionSlots(begun), begun.config.seed);
    const start: Checkpoint = {
      weights,
      // The average begins where the training does.
      trained: weights,
      statistics,
      moments: zeroMoments(new Map([...weights].filter(([each]) => isOfDecoder(each)))),
      companions: new Map([...companions, ...zeroMoments(companions)]),
      step: 0,
      epoch: 0,
    };
    await tidyWorkspace(workspace);
    // With its checkpoint, so that a killed process can be resumed even if the origin has changed since.
    const lock = await beginRun(workspace, begun, (staging) => writeCheckpoint(staging, start));
    try {
      return await continueTraining(workspace, begun, dataset, start, options);
    } finally {
      lock.release();
    }
  } finally {
    await dataset.close();
  }
}

/** @throws UnravelError for a run whose decoder cannot be sharpened */
export function checkOrigin({ name, state, config, network, hasCodesOnly }: RunInfo): void {
  const refuse = (why: string, hint: string): never => {
    throw new UnravelError('bad-input', `The decoder of ${name} cannot be sharpened: ${why}.`, { hint });
  };
  if (hasCodesOnly) refuse('the run has codes only', 'Choose a run with a model.');
  if (network) {
    refuse(
      'its layers are those of another program, which Unravel decodes with but does not train',
      'Choose a run of one of Unravel’s architectures.',
    );
  }
  if (descriptorOf(config.objective.model).discriminator === 'images') {
    refuse(
      'it has been trained against a discriminator of images already',
      'Choose a model that was trained by a likelihood, such as a VAE.',
    );
  }
  if (state === 'running') {
    throw new UnravelError('conflict', `The run ${name} is being trained.`, {
      hint: 'Wait until it ends, or stop it first.',
    });
  }
}

function datasetOf({ name, dataset }: RunInfo, given: string | undefined): string {
  const id = given ?? dataset?.id;
  if (id !== undefined) return id;
  throw new UnravelError('bad-input', `It is not known which images ${name} was trained on.`, {
    hint: 'Choose a data set of such images.',
    remedy: 'name-data',
  });
}

/** The description of the new run; the step of its origin is that of `run.json`. */
async function sharpenedRun(
  origin: RunInfo,
  dataset: Dataset,
  choices: SharpeningChoices,
  name: string | undefined,
): Promise<RunInfo> {
  const { info } = dataset;
  const { adversarial = SHARPENING_DEFAULTS.adversarial, perceptual = SHARPENING_DEFAULTS.perceptual } =
    choices;
  const weights = v.safeParse(SharpeningWeightsSchema, { adversarial, perceptual });
  if (!weights.success) {
    throw new UnravelError('bad-input', 'The weights of a sharpening are numbers from 0 to 100.');
  }
  const config = sharpeningConfig(origin.config, choices);
  const own = origin.dataset?.id === info.id ? origin.dataset : undefined;
  checkSameImages(dataset, origin, own?.images ?? info.images);
  if (info.channels !== origin.channels) {
    throw new UnravelError(
      'bad-input',
      `The images of ${info.name} have ${channelsIn(info)}, and ${origin.name} needs ${channelsIn(origin)}.`,
      {
        hint: 'Choose another data set.',
      },
    );
  }
  // For images of another data set the conditions must be known too.
  if (origin.condition && !own) await describeCondition(dataset, origin.condition.column);
  const title = name ?? `${origin.name} sharpened`;
  const { id, name: originName, step } = origin;
  const { condition, decoderVariance } = origin;
  return {
    ...begunOn(info, title),
    config,
    sharpening: { origin: { id, name: originName, step }, adversarial, perceptual },
    ...(condition ? { condition } : {}),
    ...(decoderVariance === undefined ? {} : { decoderVariance }),
  };
}

/**
 * The settings of a sharpening, from those of the run that it starts from.
 *
 * @throws UnravelError `bad-input` for a choice that is out of range
 */
export function sharpeningConfig(
  { optimiser: _own, ...origin }: TrainingConfig,
  {
    epochs = SHARPENING_DEFAULTS.epochs,
    learningRate = SHARPENING_DEFAULTS.learningRate,
    batchSize = Math.min(origin.batchSize, SHARPENING_DEFAULTS.batchSize),
    precision = origin.precision,
    seed = origin.seed,
  }: SharpeningChoices,
): TrainingConfig {
  const chosen = { epochs, learningRate, batchSize, precision, seed };
  const config = v.safeParse(TrainingConfigSchema, {
    ...origin,
    ...chosen,
    optimiser: { schedule: 'cosine', averageDecay: AVERAGE_DECAY },
  });
  if (config.success) return config.output;
  const [issue] = config.issues;
  throw new UnravelError(
    'bad-input',
    `A sharpening cannot have this ${v.getDotPath(issue) ?? 'setting'}: ${issue.message}.`,
  );
}

function channelsIn({ channels }: { readonly channels: 1 | 3 }): string {
  return channels === 1 ? 'grey values' : 'colours';
}

function zeroMoments(weights: Weights): Weights {
  return new Map(
    [...weights].flatMap(([name, { shape, data }]) =>
      ['adam_m', 'adam_v'].map(
        (part) => [`${name}.${part}`, { shape, data: new Float32Array(data.length) }] as const,
      ),
    ),
  );
}
