import { join } from 'node:path';
import * as v from 'valibot';
import type { Evaluation } from '../../contract/metrics.ts';
import { StoredEvaluationSchema, type StoredEvaluation } from '../../contract/operations/measure.ts';
import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { METRICS } from '../metrics/registry.ts';
import { EVALUATIONS_FOLDER } from '../runs/store.ts';

/** Maximum size of an evaluation, enough for matrices of thousands of labels by hundreds of dimensions. */
const MOST_EVALUATION_BYTES = 64_000_000;

/** The path of the evaluation on a data set in a run's folder. */
export function evaluationFile(folder: string, dataset: string): string {
  return join(folder, EVALUATIONS_FOLDER, `${dataset}.json`);
}

/**
 * Reads the last evaluation of a run on a data set.
 *
 * @returns null if there is none or it cannot be read
 */
export async function readEvaluation(folder: string, dataset: string): Promise<StoredEvaluation | null> {
  try {
    return await readJsonFile(evaluationFile(folder, dataset), {
      schema: StoredEvaluationSchema,
      mostBytes: MOST_EVALUATION_BYTES,
      otherwise: 'does not describe an evaluation',
      hint: 'Measure the run again.',
    });
  } catch (error) {
    if (error instanceof UnravelError) return null;
    throw error;
  }
}

/** Merges the scores of two evaluations, preferring the later ones, in the order of display. */
function joinScores(earlier: Evaluation, later: Evaluation): Evaluation {
  const metrics = { ...earlier.metrics, ...later.metrics };
  const order = METRICS.flatMap(({ scores }) => scores.map(({ key }) => key));
  const keys = Object.keys(metrics).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return { ...later, metrics: Object.fromEntries(keys.map((key) => [key, metrics[key]!])) };
}

/** Merges the scores of independent axes, unless the axes were found again and are other ones now. */
function joinAxes(earlier: Evaluation | undefined, later: Evaluation | undefined): { axes?: Evaluation } {
  const axes = later ?? earlier;
  if (!axes) return {};
  const areSame =
    earlier && later && JSON.stringify(earlier.dimensionNames) === JSON.stringify(later.dimensionNames);
  return { axes: areSame ? joinScores(earlier, later) : axes };
}

/** Whether two evaluations are of the same codes, so that they can be merged. */
function areAlike(a: StoredEvaluation, b: StoredEvaluation): boolean {
  return a.step === b.step && a.seed === b.seed && a.images === b.images;
}

/**
 * Stores an evaluation of a run on a data set. It is merged with an earlier one of the same checkpoint, images and
 * seed, and otherwise replaces it.
 *
 * @param folder - the run's folder
 * @returns the stored evaluation
 */
export async function storeEvaluation(folder: string, later: StoredEvaluation): Promise<StoredEvaluation> {
  const earlier = await readEvaluation(folder, later.dataset);
  let kept = later;
  if (earlier && areAlike(earlier, later)) {
    kept = {
      ...later,
      evaluation:
        earlier.evaluation && later.evaluation
          ? joinScores(earlier.evaluation, later.evaluation)
          : (later.evaluation ?? earlier.evaluation),
      decomposition: later.decomposition ?? earlier.decomposition,
      ...joinAxes(earlier.axes, later.axes),
    };
  }
  const path = evaluationFile(folder, later.dataset);
  await writeFileAtomic(path, `${JSON.stringify(v.parse(StoredEvaluationSchema, kept), undefined, 2)}\n`);
  return kept;
}
