import { join } from 'node:path';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { MOST_DIMENSIONS } from '../../contract/numbers.ts';
import {
  describeSafetensors,
  floatTensor,
  readSafetensors,
  writeSafetensors,
  type AnyTensor,
} from '../files/safetensors.ts';
import type { Posteriors } from '../inference/model.ts';
import { klPerDimension } from '../losses/kl.ts';
import { readCheckpointStep } from '../runs/checkpoint.ts';

/** The codes of a whole data set under a run's model. */
export interface DatasetCodes {
  readonly latentDim: number;
  /** `[images, latentDim]`. */
  readonly mu: Float32Array;
  /** log Σ(x), `[images, latentDim]`; undefined for an AE, and if only mu was stored. */
  readonly logVar: Float32Array | undefined;
  /** KL to the prior per dimension, nats, averaged over all images; zeros for an AE. */
  readonly klPerDimension: Float64Array;
}

const FORMAT = 'unravel-codes-1';
/** Codes that belong to no checkpoint, because another program computed them. */
const FOREIGN_FORMAT = 'unravel-foreign-codes-1';

/** The file of an exported model's codes of its own data set. */
export const EXPORTED_CODES = 'codes.safetensors';

/** The path of a data set's codes in a run's folder. */
export function codesFile(folder: string, dataset: string): string {
  return join(folder, 'codes', `${dataset}.safetensors`);
}

/**
 * Writes codes atomically.
 *
 * @param step - step of the checkpoint with which they were computed
 * @param half - write only mu, in half precision, for an exported model
 * @param isForeign - whether another program computed them, so that there is no checkpoint that they belong to
 */
export async function storeCodes(
  path: string,
  { mu, logVar }: Posteriors,
  {
    step,
    latentDim,
    half = false,
    isForeign = false,
  }: {
    readonly step: number;
    readonly latentDim: number;
    readonly half?: boolean;
    readonly isForeign?: boolean;
  },
): Promise<void> {
  const shape = [mu.length / latentDim, latentDim];
  const kl = logVar.length ? klPerDimension(mu, logVar, latentDim) : new Float64Array(latentDim);
  const tensors = new Map<string, AnyTensor>([
    ['mu', { shape, data: mu }],
    // In double precision, which `half` does not change.
    ['kl', { shape: [latentDim], data: kl }],
  ]);
  if (logVar.length && !half) tensors.set('log_var', { shape, data: logVar });
  await writeSafetensors(path, tensors, {
    metadata: { format: isForeign ? FOREIGN_FORMAT : FORMAT, step: String(step) },
    half,
  });
}

/**
 * Whether a run's codes of a data set exist and belong to its current checkpoint.
 *
 * @param images - how many the data set has
 */
export async function hasCodes(folder: string, dataset: string, images: number): Promise<boolean> {
  try {
    const { metadata, shapes } = await describeSafetensors(codesFile(folder, dataset));
    const [rows, latentDim = 0] = shapes.get('mu') ?? [];
    const { format, step } = metadata;
    if (rows !== images || latentDim < 1 || latentDim > MOST_DIMENSIONS) return false;
    const checkpoint = await readCheckpointStep(folder);
    return format === FOREIGN_FORMAT
      ? checkpoint === undefined
      : format === FORMAT && step === String(checkpoint);
  } catch (error) {
    // A missing or damaged file will be written again.
    if (error instanceof UnravelError) return false;
    throw error;
  }
}

/**
 * Reads codes.
 *
 * @param images - how many the data set has
 * @param logVar - whether to read log Σ(x), which is half of the file
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readStoredCodes(
  path: string,
  images: number,
  { logVar: wantsLogVar = false }: { readonly logVar?: boolean } = {},
): Promise<DatasetCodes> {
  const file = await readSafetensors(
    path,
    (name) => name === 'mu' || name === 'kl' || (wantsLogVar && name === 'log_var'),
    { mostBytes: (images * 2 * 4 + 8) * MOST_DIMENSIONS },
  );
  const { shape, data: mu } = floatTensor(file, 'mu', [images, -1], path);
  const kl = file.tensors.get('kl')?.data;
  const latentDim = shape[1]!;
  if (!(kl instanceof Float64Array) || kl.length !== latentDim) {
    throw new UnravelError('bad-input', `Could not read ${path}: it has no KL per dimension.`, {
      path,
      hint: 'Compute the codes again.',
    });
  }
  const logVar = file.tensors.has('log_var') ? floatTensor(file, 'log_var', shape, path).data : undefined;
  return { latentDim, mu, logVar, klPerDimension: kl };
}

/**
 * Reads the posteriors of a data set's images, if they are stored for the run's current checkpoint.
 *
 * @param variational - whether log Σ(x) is required
 */
export async function findStoredPosteriors(
  folder: string,
  { id, images }: Pick<DatasetInfo, 'id' | 'images'>,
  variational: boolean,
): Promise<Posteriors | undefined> {
  if (!(await hasCodes(folder, id, images))) return undefined;
  const { mu, logVar } = await readStoredCodes(codesFile(folder, id), images, { logVar: true });
  return variational && !logVar ? undefined : { mu, logVar: logVar ?? new Float32Array(0) };
}
