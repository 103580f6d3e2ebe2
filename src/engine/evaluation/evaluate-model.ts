import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { ElboDecomposition, Evaluation } from '../../contract/metrics.ts';
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

/** The untrained encoder is judged by at most so many images; its score need not be sharp. */
const MOST_UNTRAINED = 8_000;
/** Reconstructions are measured on at most so many images: decoding is the dearest part. */
const MOST_RECONSTRUCTED = 2_000;
/** What `metrics` may name besides metrics: the decomposition of the ELBO. */
export const ELBO = 'elbo';

/** What an evaluation is busy with. */
export type EvaluationPhase = 'encoding' | 'untrained' | 'metrics' | 'decomposition';

/** How a trained model is evaluated. */
export interface EvaluateModelOptions {
  readonly seed: number;
  /** Names of metrics or scores, and `elbo`; everything if left out. */
  readonly metrics?: readonly string[];
  /** At most so many images; all if left out. */
  readonly images?: number;
  readonly onlyValues?: boolean;
  /** Of all images, where they are known; else the images are encoded. */
  readonly posteriors?: Posteriors;
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: EvaluationPhase, progress: Progress) => void;
}

/** What was found out about a model. */
export interface ModelEvaluation {
  /** Null where no metric was asked for, or the data set has no label or factor. */
  readonly evaluation: Evaluation | null;
  /** Null where it was not asked for, or the model has no posterior. */
  readonly decomposition: ElboDecomposition | null;
  readonly images: number;
}

/**
 * Evaluates a trained model on a data set: every image is encoded once; metrics score the posterior's means by the labels
 * and factors, with an untrained encoder beside; and the ELBO is taken apart.
 *
 * @throws UnravelError `bad-input` for a metric that there is not, codes that are not numbers, or nothing to measure;
 *   the signal's reason when it is aborted
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
    throw new UnravelError(
      'bad-input',
      'An AE has codes and no posteriors, so there is no ELBO to take apart.',
      {
        hint: `Leave ${ELBO} out, or name a VAE's run.`,
      },
    );
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
