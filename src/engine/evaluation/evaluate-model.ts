import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { ElboDecomposition, Evaluation } from '../../contract/metrics.ts';
import { activeDimensions } from '../codes/active-dimensions.ts';
import type { DatasetCodes } from '../codes/codes-file.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Posteriors, TrainedModel } from '../inference/model.ts';
import { checkCodes } from '../metrics/code-table.ts';
import { measureElbo } from './elbo.ts';
import { chooseImages } from '../data/choose-images.ts';
import { readColumns } from '../data/read-columns.ts';
import { encodeImages } from '../inference/encode-images.ts';
import { measureReconstruction } from '../inference/reconstruction-error.ts';
import { encodeUntrained } from '../inference/untrained.ts';
import { evaluate } from './evaluate.ts';
import { measurePosteriorMig } from './posterior-mig.ts';
import { posteriorsOf, rowsOf } from './posterior-rows.ts';
import { chooseMetrics } from '../metrics/registry.ts';

/** Maximum number of images for the untrained encoder, whose scores need not be precise. */
const MOST_UNTRAINED = 8_000;
/** Maximum number of images for measuring reconstructions, because decoding takes most of the time. */
const MOST_RECONSTRUCTED = 2_000;
/** The name of the ELBO's decomposition in `metrics`. */
export const ELBO = 'elbo';

/** The phases of an evaluation. */
export type EvaluationPhase = 'encoding' | 'untrained' | 'metrics' | 'decomposition';

/** Options for evaluating a trained model. */
export interface EvaluateModelOptions {
  readonly seed: number;
  /** Names of metrics or scores, and `elbo`; everything if left out. */
  readonly metrics?: readonly string[];
  /** Maximum number of images; all if left out. */
  readonly images?: number;
  readonly onlyValues?: boolean;
  /** Posteriors of all images; if left out, the images are encoded. */
  readonly posteriors?: Posteriors;
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: EvaluationPhase, progress: Progress) => void;
}

/** The result of evaluating a model. */
export interface ModelEvaluation {
  /** Null if no metric was requested, or the data set has no label or factor. */
  readonly evaluation: Evaluation | null;
  /** Null if it was not requested, or the model has no posterior. */
  readonly decomposition: ElboDecomposition | null;
  readonly images: number;
}

/**
 * Evaluates a trained model on a data set: every image is encoded once; metrics score the posterior's means by the
 * labels and factors, with an untrained encoder as a baseline; and the ELBO is decomposed.
 *
 * @throws UnravelError `bad-input` for an unknown metric, codes that are not numbers, or nothing to measure; the
 * signal's reason when it is aborted
 */
export async function evaluateModel(
  model: TrainedModel,
  dataset: Dataset,
  options: EvaluateModelOptions,
): Promise<ModelEvaluation> {
  const { seed, metrics, onlyValues = false, posteriors, signal, onProgress } = options;
  const names = metrics?.filter((name) => name.toLowerCase() !== ELBO);
  chooseMetrics(names);
  const { latentDim } = model;
  const { variational } = model.spec.shape;
  const wantsElbo = metrics === undefined || names?.length !== metrics.length;
  if (metrics !== undefined && wantsElbo && !variational) {
    throw new UnravelError('bad-input', 'An AE has no posteriors, so it has no ELBO to decompose.', {
      hint: `Leave ${ELBO} out, or name a VAE's run.`,
    });
  }
  const indices = chooseImages(dataset.info.images, options.images ?? dataset.info.images, seed);
  const follow = (phase: EvaluationPhase) => ({
    ...(signal ? { signal } : {}),
    onProgress: (progress: Progress) => onProgress?.(phase, progress),
  });
  const { mu, logVar } = posteriors
    ? posteriorsOf(posteriors, latentDim, indices)
    : await encodeImages(model, dataset, indices, follow('encoding'));
  checkCodes(mu, indices.length, latentDim);

  const columns = await readColumns(dataset, indices);
  const wantsMetrics = names === undefined || names.length > 0;
  const canScore = dataset.info.columns.length > 0 || !variational;
  let evaluation: Evaluation | null = null;
  if (wantsMetrics && (canScore || names !== undefined)) {
    const some = chooseImages(indices.length, MOST_UNTRAINED, seed);
    const untrained = onlyValues
      ? undefined
      : await encodeUntrained(
          model,
          seed,
          dataset,
          some.map((row) => indices[row]!),
          follow('untrained'),
        );
    evaluation = await evaluate({
      table: { codes: mu, count: indices.length, latentDim, columns },
      active: await activeDimensions(mu, logVar, latentDim),
      ...(untrained ? { untrained: { codes: untrained, rows: some } } : {}),
      ...(names ? { metrics: names } : {}),
      seed,
      onlyValues,
      ...follow('metrics'),
    });
  }

  let decomposition: ElboDecomposition | null = null;
  if (wantsElbo && variational) {
    const some = chooseImages(indices.length, MOST_RECONSTRUCTED, seed);
    const chosen = some.map((row) => indices[row]!);
    const codes = rowsOf(mu, latentDim, some);
    const reconstruction = await measureReconstruction(model, dataset, chosen, codes, signal);
    const parts = await measureElbo(mu, logVar, latentDim, {
      seed,
      reconstruction,
      ...follow('decomposition'),
    });
    const mig = measurePosteriorMig({ mu, logVar }, latentDim, columns, seed);
    decomposition = mig ? { ...parts, mig } : parts;
  }
  return { evaluation, decomposition, images: indices.length };
}

/**
 * Scores codes that another program computed by the labels and factors of their data set. There is no untrained encoder
 * to compare them with, and no ELBO to decompose.
 *
 * @throws UnravelError `bad-input` for an unknown metric, or if the ELBO is asked for
 */
export async function scoreCodes(
  { mu: all, logVar: allVariances, latentDim }: DatasetCodes,
  dataset: Dataset,
  {
    seed,
    metrics,
    onlyValues = false,
    images = dataset.info.images,
    signal,
    onProgress,
  }: EvaluateModelOptions,
): Promise<ModelEvaluation> {
  chooseMetrics(metrics?.filter((name) => name.toLowerCase() !== ELBO));
  if (metrics?.some((name) => name.toLowerCase() === ELBO)) {
    throw new UnravelError('bad-input', 'Codes without a model have no ELBO to decompose.', {
      hint: `Leave ${ELBO} out, or open the model itself.`,
    });
  }
  const indices = chooseImages(dataset.info.images, images, seed);
  const posteriors = { mu: all, logVar: allVariances ?? new Float32Array(0) };
  const { mu, logVar } = posteriorsOf(posteriors, latentDim, indices);
  checkCodes(mu, indices.length, latentDim);
  const columns = await readColumns(dataset, indices);
  if (columns.length === 0 && metrics === undefined) {
    return { evaluation: null, decomposition: null, images: indices.length };
  }
  const evaluation = await evaluate({
    table: { codes: mu, count: indices.length, latentDim, columns },
    active: await activeDimensions(mu, logVar, latentDim),
    ...(metrics ? { metrics } : {}),
    seed,
    onlyValues,
    ...(signal ? { signal } : {}),
    onProgress: (progress) => onProgress?.('metrics', progress),
  });
  return { evaluation, decomposition: null, images: indices.length };
}
