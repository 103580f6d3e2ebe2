import type { Decomposition, HeldOut, LossTerms, RunInfo, TrainingEvent } from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Split } from '../data/split.ts';
import { encodeInChunks } from '../inference/all.ts';
import type { ConditionsOf } from '../inference/conditions.ts';
import type { TrainedModel } from '../inference/model.ts';
import { measureDecomposition } from '../losses/aggregate.ts';
import { assertFinite } from './finite.ts';
import { evaluateHeldOut } from './held-out.ts';
import { drawSnapshotImages, snapshotIndices, writeSnapshot } from './snapshot.ts';

/** Codes that the decomposition is measured at. */
const DECOMPOSITION_SAMPLES = 256;
/** With fewer active dimensions there is hardly a latent space to look at. */
const COLLAPSED_BELOW = 3;

type EpochEvent = Extract<TrainingEvent, { event: 'epoch' }>;

/** What the end of an epoch is measured with. */
export interface EpochEnd {
  /** The run's folder, into which the snapshot goes. */
  readonly folder: string;
  readonly dataset: Dataset;
  readonly split: Split;
  readonly conditions: ConditionsOf;
  readonly epoch: number;
  readonly step: number;
  /** The step of the last checkpoint, 0 where there is none. */
  readonly keptStep: number;
  /** Of each step of the epoch. */
  readonly losses: readonly LossTerms[];
  /** When the epoch began, by `performance.now()`. */
  readonly startedMs: number;
}

/**
 * Measures a model at the end of an epoch on images that it was not trained on, and writes the snapshot of its codes.
 *
 * @throws UnravelError `diverged` where the held-out error or KL is no number
 */
export async function measureEpoch(
  model: TrainedModel,
  { folder, dataset, split, conditions, epoch, step, keptStep, losses, startedMs }: EpochEnd,
): Promise<EpochEvent> {
  const heldOut = await evaluateHeldOut(model, dataset, split.heldOut);
  const { reconstruction, kl } = heldOut;
  assertFinite(
    { total: reconstruction + kl, terms: { 'held-out error': reconstruction, kl } },
    { step, keptStep },
  );
  const indices = snapshotIndices(split);
  const part = (start: number, size: number): Uint32Array => indices.subarray(start, start + size);
  const posteriors = await encodeInChunks(
    model,
    indices.length,
    (start, size) => dataset.readImages(part(start, size)),
    { condition: (start, size) => conditions(part(start, size)) },
  );
  const images = await drawSnapshotImages(model, dataset, split.heldOut);
  await writeSnapshot(folder, epoch, indices, posteriors, images);
  const { mu, logVar } = posteriors;
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

/** @returns what to tell where hardly a dimension carries information about the images; undefined where enough do */
export function collapseWarning(
  { activeDimensions: active }: Pick<HeldOut, 'activeDimensions'>,
  latentDim: number,
): string | undefined {
  if (active >= Math.min(COLLAPSED_BELOW, latentDim)) return undefined;
  const dimensions = active === 1 ? '1 dimension carries' : `${active || 'no'} dimensions carry`;
  return (
    `The posterior is collapsing: ${dimensions} information about the images, of ${latentDim}. ` +
    'If it stays so, use a smaller beta or train longer.'
  );
}

/** What an epoch measured, as a run keeps it. */
export function measuredIn({
  heldOut,
  decomposition,
}: EpochEvent): Pick<RunInfo, 'heldOut' | 'decomposition'> {
  return { heldOut, ...(decomposition ? { decomposition } : {}) };
}

/** A file of JSON has no place for what is not a number: such parts are taken as not measured. */
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
