import { UnravelError } from '../../contract/errors.ts';
import { componentsOf, directionOf } from '../axes/fast-ica.ts';
import { readAxes } from '../axes/run-axes.ts';
import { findStoredPosteriors, type DatasetCodes } from '../codes/codes-file.ts';
import type { Dataset } from '../data/dataset.ts';
import type { FollowOptions } from '../inference/all.ts';
import type { InferenceModel, Posteriors } from '../inference/model.ts';
import { klPerDimension } from '../losses/kl.ts';
import { makeFactor, type Factor } from '../metrics/factor.ts';
import { chooseImages } from '../data/choose-images.ts';
import { readColumns } from '../data/read-columns.ts';
import { encodeImages } from '../inference/encode-images.ts';
import { Sample } from '../metrics/sample.ts';
import { runFolder } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';

/** Maximum number of images: enough to detect 0.02 bits beyond chance, and few enough to encode quickly. */
const MOST_IMAGES = 4_000;

/** What a figure needs to know of a run's codes of a data set. */
export interface RunCodes {
  readonly sample: Sample;
  /** Standard deviation of mu per dimension. */
  readonly deviations: readonly number[];
  /** KL to the prior per dimension, nats; null for an AE. */
  readonly kl: readonly number[] | null;
  /** For independent axes in place of dimensions: the change of a code for one step along each, `[latentDim]`. */
  readonly directions?: readonly Float32Array[];
}

function rowsOf(data: Float32Array, latentDim: number, rows: Uint32Array): Float32Array {
  const chosen = new Float32Array(rows.length * latentDim);
  rows.forEach((row, i) => chosen.set(data.subarray(row * latentDim, (row + 1) * latentDim), i * latentDim));
  return chosen;
}

function deviationsOf(codes: Float32Array, latentDim: number): number[] {
  const count = codes.length / latentDim;
  return Array.from({ length: latentDim }, (_, l) => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) sum += codes[i * latentDim + l]!;
    for (let i = 0; i < count; i++) squares += (codes[i * latentDim + l]! - sum / count) ** 2;
    return Math.sqrt(squares / count);
  });
}

/** Reads the posteriors that are stored for the run's current checkpoint, or else encodes the images. */
async function posteriorsOf(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  rows: Uint32Array,
  follow: FollowOptions,
): Promise<Posteriors> {
  const { latentDim, variational } = model.spec.shape;
  const stored = await findStoredPosteriors(runFolder(workspace, model.info.id), dataset.info, variational);
  if (!stored) return encodeImages(model, dataset, rows, follow);
  return {
    mu: rowsOf(stored.mu, latentDim, rows),
    logVar: variational ? rowsOf(stored.logVar, latentDim, rows) : new Float32Array(0),
  };
}

/**
 * Describes codes of some images of a data set.
 *
 * @param kl - per dimension, nats; null for an AE
 */
async function describeCodes(
  mu: Float32Array,
  latentDim: number,
  kl: readonly number[] | null,
  dataset: Dataset,
  rows: Uint32Array,
): Promise<RunCodes> {
  const columns = await readColumns(dataset, rows);
  const factors = columns.map(makeFactor).filter((one): one is Factor => !('leftOut' in one));
  return { sample: new Sample(mu, latentDim, factors), deviations: deviationsOf(mu, latentDim), kl };
}

/** Measures the information of a model's dimensions about a data set's labels and factors. */
export async function measureRunCodes(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  follow: FollowOptions = {},
): Promise<RunCodes> {
  const { latentDim } = model;
  const rows = chooseImages(dataset.info.images, MOST_IMAGES, 0);
  const { mu, logVar } = await posteriorsOf(workspace, model, dataset, rows, follow);
  const heldOut = model.info.dataset?.id === dataset.info.id ? model.info.heldOut : undefined;
  const measured = (): number[] => [...klPerDimension(mu, logVar, latentDim)];
  const kl = logVar.length === 0 ? null : (heldOut?.klPerDimension ?? measured());
  return describeCodes(mu, latentDim, kl, dataset, rows);
}

/**
 * The same of a run's independent axes in place of its dimensions.
 *
 * @throws UnravelError `not-found` if none were found, or of another checkpoint; `bad-input` for a damaged file
 */
export async function measureRunAxes(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  follow: FollowOptions = {},
): Promise<RunCodes> {
  const { latentDim, info } = model;
  const { components } = await readAxes(runFolder(workspace, info.id), dataset.info.id, latentDim).catch(
    (error: unknown) => {
      if (!(error instanceof UnravelError) || error.code !== 'not-found') throw error;
      throw new UnravelError('not-found', `${info.name} has no independent axes of ${dataset.info.name}.`, {
        hint: 'Find them first: show its sliders along axes in Explore.',
        remedy: 'find-axes',
      });
    },
  );
  const rows = chooseImages(dataset.info.images, MOST_IMAGES, 0);
  const { mu } = await posteriorsOf(workspace, model, dataset, rows, follow);
  const { count } = components;
  const codes = await describeCodes(componentsOf(components, mu), count, null, dataset, rows);
  return {
    ...codes,
    // Values along an axis have unit variance over all images by its definition.
    deviations: new Array<number>(count).fill(1),
    directions: Array.from({ length: count }, (_, axis) => directionOf(components, axis)),
  };
}

/**
 * The same from stored codes of all images.
 *
 * @param isAutoencoder - whether the codes have no posteriors around them
 */
export function describeKnownCodes(
  { mu, latentDim, klPerDimension: kl }: DatasetCodes,
  dataset: Dataset,
  isAutoencoder: boolean,
): Promise<RunCodes> {
  const rows = chooseImages(dataset.info.images, MOST_IMAGES, 0);
  return describeCodes(rowsOf(mu, latentDim, rows), latentDim, isAutoencoder ? null : [...kl], dataset, rows);
}
