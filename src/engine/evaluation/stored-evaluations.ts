import { join } from 'node:path';
import * as v from 'valibot';
import type { Evaluation } from '../../contract/metrics.ts';
import { StoredEvaluationSchema, type StoredEvaluation } from '../../contract/operations/measure.ts';
import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { METRICS } from '../metrics/registry.ts';

/** Matrices of thousands of labels by hundreds of dimensions fit. */
const MOST_EVALUATION_BYTES = 64_000_000;

/** The file of what was measured of a run on a data set, inside the run's folder. */
export function evaluationFile(folder: string, dataset: string): string {
  return join(folder, 'evaluations', `${dataset}.json`);
}

/**
 * What was measured of a run on a data set last.
 *
 * @returns null where nothing was; what cannot be read is measured again
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

/** The scores of both, the later ones where both have one, in the order that they are shown in. */
function joinScores(earlier: Evaluation, later: Evaluation): Evaluation {
  const metrics = { ...earlier.metrics, ...later.metrics };
  const order = METRICS.flatMap(({ scores }) => scores.map(({ key }) => key));
  const keys = Object.keys(metrics).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return { ...later, metrics: Object.fromEntries(keys.map((key) => [key, metrics[key]!])) };
}

/** Whether two measurements are of the same codes, so that they belong on one page. */
function areAlike(a: StoredEvaluation, b: StoredEvaluation): boolean {
  return a.step === b.step && a.seed === b.seed && a.images === b.images;
}

/**
 * Keeps what was measured of a run on a data set. What was measured before stays beside it where it is of the same
 * checkpoint, images and seed, and gives way where it is not.
 *
 * @param folder - of the run
 * @returns what is kept now
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
    };
  }
  const path = evaluationFile(folder, later.dataset);
  await writeFileAtomic(path, `${JSON.stringify(v.parse(StoredEvaluationSchema, kept), undefined, 2)}\n`);
  return kept;
}
