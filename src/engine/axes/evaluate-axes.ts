import type { StoredEvaluation } from '../../contract/operations/measure.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/dataset.ts';
import type { Evaluation } from '../../contract/metrics.ts';
import type { Workspace } from '../basics/workspace.ts';
import { chooseImages } from '../data/choose-images.ts';
import type { Dataset } from '../data/dataset.ts';
import { readColumns } from '../data/read-columns.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { ELBO, type EvaluateModelOptions, type ModelEvaluation } from '../evaluation/evaluate-model.ts';
import { evaluateRun, isWhole, latentDimOf, type Evaluated } from '../evaluation/evaluate-run.ts';
import { readEvaluation, storeEvaluation } from '../evaluation/stored-evaluations.ts';
import { runFolder } from '../runs/store.ts';
import { codesUnder } from './find-axes.ts';
import { componentsOf } from './fast-ica.ts';
import { readAxes, type RunAxes } from './run-axes.ts';

/** A run's axes; undefined if there are none of its present checkpoint that can be read. */
export async function findStoredAxes(
  folder: string,
  dataset: string,
  latentDim: number,
): Promise<RunAxes | undefined> {
  try {
    return await readAxes(folder, dataset, latentDim);
  } catch (error) {
    // Axes that are missing or damaged are found again when a person asks for them.
    if (error instanceof UnravelError) return undefined;
    throw error;
  }
}

/**
 * Measures the independent axes of a run with the metrics and images with which its dimensions were measured, and adds
 * the result to the stored evaluation. A run without axes, or of which nothing was measured, stays as it is.
 */
async function evaluateStoredAxes(
  workspace: Workspace,
  run: Evaluated,
  dataset: Dataset,
  {
    seed,
    metrics,
    signal,
    onProgress,
  }: {
    readonly seed: number;
    readonly metrics?: readonly string[];
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: Progress) => void;
  },
): Promise<Evaluation | undefined> {
  const folder = runFolder(workspace, run.info.id);
  const { id, images } = dataset.info;
  const names = metrics?.filter((name) => name.toLowerCase() !== ELBO);
  const stored: StoredEvaluation | null = await readEvaluation(folder, id);
  if (!stored?.evaluation || names?.length === 0) return undefined;
  const axes = await findStoredAxes(folder, id, latentDimOf(run));
  if (!axes) return undefined;
  const indices = chooseImages(images, images, seed);
  const { mu } = await codesUnder(workspace, run, dataset, indices, signal ? { signal } : {});
  const { components } = axes;
  const evaluation = await evaluate({
    table: {
      codes: componentsOf(components, mu),
      count: indices.length,
      latentDim: components.count,
      columns: await readColumns(dataset, indices),
    },
    ...(names ? { metrics: names } : {}),
    seed,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  await storeEvaluation(folder, { ...stored, axes: withAxisNames(evaluation) });
  return evaluation;
}

/**
 * Evaluates a run like `evaluateRun`, and where the result is stored, also the independent axes that were found.
 *
 * @param options.onAxesProgress - called while the axes are measured
 */
export async function evaluateRunAndAxes(
  workspace: Workspace,
  run: Evaluated,
  dataset: Dataset,
  {
    onAxesProgress,
    ...options
  }: EvaluateModelOptions & { readonly onAxesProgress: (progress: Progress) => void },
): Promise<ModelEvaluation & { readonly axes: Evaluation | undefined }> {
  const found = await evaluateRun(workspace, run, dataset, options);
  const { seed, metrics, signal } = options;
  const axes = isWhole(options)
    ? await evaluateStoredAxes(workspace, run, dataset, {
        ...{ seed, onProgress: onAxesProgress },
        ...(metrics ? { metrics } : {}),
        ...(signal ? { signal } : {}),
      })
    : undefined;
  return { ...found, axes };
}

/** The rows of the matrices and the names of axes without a label: `a3` in place of `z3`. */
function withAxisNames(evaluation: Evaluation): Evaluation {
  return {
    ...evaluation,
    dimensionNames: evaluation.dimensionNames.map((one) =>
      one.column === null ? { ...one, name: `a${one.dimension}` } : one,
    ),
    metrics: Object.fromEntries(
      Object.entries(evaluation.metrics).map(([key, result]) => [
        key,
        {
          ...result,
          matrix: result.matrix && {
            ...result.matrix,
            rows: result.matrix.rows.map((row) => row.replace(/^z(?=\d+$)/, 'a')),
          },
        },
      ]),
    ),
  };
}
