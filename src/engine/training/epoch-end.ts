import {
  weightsOf,
  type Decomposition,
  type HeldOut,
  type LossTerms,
  type RunInfo,
  type TrainingEvent,
  type TrainingConfig,
} from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Split } from '../data/split.ts';
import { encodeImages } from '../inference/encode-images.ts';
import type { Posteriors, TrainedModel } from '../inference/model.ts';
import { measureDecomposition } from '../losses/aggregate.ts';
import { assertFinite } from './finite.ts';
import { evaluateHeldOut } from './held-out.ts';
import { drawSnapshotImages, snapshotIndices, writeSnapshot } from './snapshot.ts';

/** Number of codes at which the decomposition is measured. */
const DECOMPOSITION_SAMPLES = 256;
/** With fewer active dimensions, the latent space is considered collapsed. */
const COLLAPSED_BELOW = 3;

type EpochEvent = Extract<TrainingEvent, { event: 'epoch' }>;

/** The inputs of the measurement at the end of an epoch. */
export interface EpochEnd {
  /** The run's folder, in which the snapshot is written. */
  readonly folder: string;
  readonly dataset: Dataset;
  readonly split: Split;
  /** The mean training image's error on the held-out images. */
  readonly meanImage: number;
  readonly epoch: number;
  readonly step: number;
  /** The step of the last checkpoint; 0 if there is none. */
  readonly keptStep: number;
  /** The losses of each step of the epoch. */
  readonly losses: readonly LossTerms[];
  /** Start of the epoch, from `performance.now()`. */
  readonly startedMs: number;
}

/**
 * Measures a model at the end of an epoch on images that it was not trained on, and writes the snapshot of its
 * codes.
 *
 * @throws UnravelError `diverged` if the held-out error or KL is not finite
 */
export async function measureEpoch(
  model: TrainedModel,
  { folder, dataset, split, meanImage, epoch, step, keptStep, losses, startedMs }: EpochEnd,
): Promise<EpochEvent> {
  const heldOut = { ...(await evaluateHeldOut(model, dataset, split.heldOut)), meanImage };
  const { reconstruction, kl } = heldOut;
  assertFinite(
    { total: reconstruction + kl, terms: { 'held-out error': reconstruction, kl } },
    { step, keptStep },
  );
  const { mu, logVar } = await storeSnapshot(model, { folder, dataset, split, epoch });
  return {
    event: 'epoch',
    epoch,
    step,
    loss: meanLoss(losses),
    heldOut,
    decomposition: model.spec.shape.variational
      ? onlyFinite(measureDecomposition(mu, logVar, model.latentDim, DECOMPOSITION_SAMPLES))
      : undefined,
    seconds: (performance.now() - startedMs) / 1000,
  };
}

/**
 * Writes an epoch's snapshot: the codes of some images, and pictures.
 *
 * @returns the codes
 */
export async function storeSnapshot(
  model: TrainedModel,
  { folder, dataset, split, epoch }: Pick<EpochEnd, 'folder' | 'dataset' | 'split' | 'epoch'>,
): Promise<Posteriors> {
  const indices = snapshotIndices(split);
  const posteriors = await encodeImages(model, dataset, indices);
  const images = await drawSnapshotImages(model, dataset, split.heldOut);
  await writeSnapshot(folder, epoch, indices, posteriors, images);
  return posteriors;
}

/** @returns a warning if very few dimensions encode information about the images; otherwise undefined */
export function collapseWarning(
  { activeDimensions: active }: Pick<HeldOut, 'activeDimensions'>,
  { latentDim, objective }: Pick<TrainingConfig, 'latentDim' | 'objective'>,
): string | undefined {
  if (active >= Math.min(COLLAPSED_BELOW, latentDim)) return undefined;
  const dimensions = active === 1 ? '1 dimension carries' : `${active || 'no'} dimensions carry`;
  const advice = 'beta' in weightsOf(objective) ? 'use a smaller beta or train longer' : 'train longer';
  return `The posterior is collapsing: ${dimensions} information about the images, of ${latentDim}. If it stays so, ${advice}.`;
}

/** The measurements of an epoch that are stored in the run. */
export function measuredIn({
  heldOut,
  decomposition,
}: EpochEvent): Pick<RunInfo, 'heldOut' | 'decomposition'> {
  return { heldOut, ...(decomposition ? { decomposition } : {}) };
}

/** JSON cannot represent NaN or infinity, so a decomposition with such a value is treated as not measured. */
function onlyFinite(measured: Decomposition): Decomposition | undefined {
  return Object.values(measured).every(Number.isFinite) ? measured : undefined;
}

function meanLoss(losses: readonly LossTerms[]): LossTerms {
  const mean = (value: (loss: LossTerms) => number): number =>
    losses.reduce((sum, loss) => sum + value(loss) / losses.length, 0);
  const names = Object.keys(losses[0]?.terms ?? {});
  return {
    total: mean(({ total }) => total),
    terms: Object.fromEntries(names.map((name) => [name, mean(({ terms }) => terms[name] ?? Number.NaN)])),
  };
}
