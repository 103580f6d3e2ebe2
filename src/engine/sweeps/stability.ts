import type { RunInfo } from '../../contract/run.ts';
import { createPause } from '../evaluation/pause.ts';
import { posteriorsUnder } from '../axes/find-axes.ts';
import { activeDimensions } from '../codes/active-dimensions.ts';
import { chooseImages } from '../data/choose-images.ts';
import type { Dataset } from '../data/dataset.ts';
import { openModel } from '../inference/model.ts';
import { measureUdr, type ModelCodes } from '../metrics/udr.ts';
import type { Workspace } from '../basics/workspace.ts';
import { groupTrials, type Measure, type TrialResult } from './trial-result.ts';

/** The name in a sweep's `metrics` that asks for UDR, which needs no labels but several seeds. */
export const UDR = 'udr';
/** Images by whose codes models are compared: many more than dimensions, and few enough to encode at once. */
const MOST_IMAGES = 5_000;

async function codesOf(
  workspace: Workspace,
  dataset: Dataset,
  run: RunInfo['id'],
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<ModelCodes> {
  const model = await openModel(workspace, run);
  try {
    const indices = chooseImages(dataset.info.images, MOST_IMAGES, seed);
    const { mu, logVar } = await posteriorsUnder(
      workspace,
      model,
      dataset,
      indices,
      signal ? { signal } : {},
    );
    const { latentDim } = model;
    return { codes: mu, latentDim, active: await activeDimensions(mu, logVar, latentDim) };
  } finally {
    model.dispose();
  }
}

/** The measures of UDR that a trial gains. */
function measuresOf(spearman: number, lasso: number, stability: readonly (number | null)[]): Measure[] {
  const known = stability.filter((one) => one !== null);
  const mean = known.reduce((sum, value) => sum + value / known.length, 0);
  const score = (key: string, title: string, value: number): Measure => {
    return { key, title, unit: 'score', value, low: null, high: null };
  };
  return [
    score('udr', 'UDR (Spearman)', spearman),
    score('udrLasso', 'UDR (lasso)', lasso),
    ...(known.length ? [score('stability', 'Stability of active dimensions', mean)] : []),
  ];
}

/**
 * Adds UDR and the stability of every dimension to the results of a sweep: models that differ in their seed only are
 * compared with each other. Models of which there is one seed only have no UDR.
 *
 * @param seed - chooses the images
 * @throws the signal's reason when it is aborted
 */
export async function withStability(
  workspace: Workspace,
  dataset: Dataset,
  results: readonly TrialResult[],
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<TrialResult[]> {
  const added = new Map<TrialResult, TrialResult>();
  for (const { results: alike } of groupTrials(results)) {
    if (alike.length < 2) continue;
    const models: ModelCodes[] = [];
    for (const { run } of alike) {
      signal?.throwIfAborted();
      models.push(await codesOf(workspace, dataset, run, { seed, signal }));
    }
    const { spearman, lasso, stability } = await measureUdr(models, createPause(signal));
    alike.forEach((result, i) => {
      const measures = [...result.measures, ...measuresOf(spearman[i]!, lasso[i]!, stability[i]!)];
      added.set(result, { ...result, measures, stability: stability[i]! });
    });
  }
  return results.map((result) => added.get(result) ?? result);
}
