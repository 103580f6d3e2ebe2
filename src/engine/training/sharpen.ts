import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import type { RunInfo } from '../../contract/run.ts';
import { sharpeningConfig, sharpeningRefusal, type SharpeningChoices } from '../../contract/sharpen-run.ts';
import {
  BEFORE_SHARPENING,
  SHARPENING_DEFAULTS,
  SharpeningWeightsSchema,
} from '../../contract/sharpening.ts';
import { tidyWorkspace, type Workspace } from '../basics/workspace.ts';
import type { Dataset } from '../data/dataset.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { splitDataset } from '../data/split.ts';
import { describeCondition } from '../inference/conditions.ts';
import { TrainedModel } from '../inference/model.ts';
import { drawWeights, type Weights } from '../models/weights.ts';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../runs/checkpoint.ts';
import { companionSlots, specOfRun } from '../runs/spec.ts';
import { beginRun, freeRunName, openRun } from '../runs/store.ts';
import { storeSnapshot } from './epoch-end.ts';
import { begunOn, checkSameImages, continueTraining, isOfDecoder, type TrainingOptions } from './train.ts';

/** The options of a sharpening. */
export interface SharpenOptions extends TrainingOptions {
  readonly choices?: SharpeningChoices;
  /** The data set to train on, for a model that was trained elsewhere; the run's own if left out. */
  readonly dataset?: string | undefined;
  /** The new run's name; by default the run's with “sharpened”, and a number if a run has that name. */
  readonly name?: string | undefined;
}

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
    // With its checkpoint, so that a killed process can be resumed even if the origin has changed since; and with the
    // pictures of the decoder as it was.
    const lock = await beginRun(workspace, begun, async (staging) => {
      await writeCheckpoint(staging, start);
      const model = new TrainedModel(spec, weights, statistics, begun.condition);
      try {
        const split = await splitDataset(dataset, begun.config.heldOutFraction);
        await storeSnapshot(model, { folder: staging, dataset, split, epoch: BEFORE_SHARPENING });
      } finally {
        model.dispose();
      }
    });
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
export function checkOrigin(origin: RunInfo): void {
  const { name, state } = origin;
  const refusal = sharpeningRefusal(origin);
  if (refusal) {
    const { why, hint } = refusal;
    throw new UnravelError('bad-input', `The decoder of ${name} cannot be sharpened: ${why}.`, { hint });
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
