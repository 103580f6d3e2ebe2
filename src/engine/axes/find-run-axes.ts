import type { Progress } from '../../contract/dataset.ts';
import type { Workspace } from '../basics/workspace.ts';
import { chooseImages } from '../data/choose-images.ts';
import type { ColumnValues } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import { readColumns } from '../data/read-columns.ts';
import { checkpointStepOf, latentDimOf, type Evaluated } from '../evaluation/evaluate-run.ts';
import { runFolder } from '../runs/store.ts';
import { codesUnder, findAxes, type CodesWithActivity } from './find-axes.ts';
import { storeAxes, type RunAxes } from './run-axes.ts';

/** Options of a search for a run's axes. */
export interface FindRunAxesOptions {
  /** Maximum number of images; all if left out. */
  readonly images?: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: 'encoding' | 'searching', progress: Progress) => void;
}

/** The axes that were found, and what they were found in. */
export interface FoundAxes {
  readonly axes: RunAxes;
  readonly indices: Uint32Array;
  readonly codes: CodesWithActivity;
  readonly columns: readonly ColumnValues[];
}

/**
 * Finds the independent axes of a run's codes of a data set, and stores them with the run. The same codes and seed give
 * the same axes, in the same order and with the same signs.
 *
 * @throws UnravelError `bad-input` for codes that have no axes, as in {@link findAxes}
 */
export async function findRunAxes(
  workspace: Workspace,
  run: Evaluated,
  dataset: Dataset,
  { images, seed, signal, onProgress }: FindRunAxesOptions,
): Promise<FoundAxes> {
  const { info } = dataset;
  const follow = (phase: 'encoding' | 'searching') => ({
    ...(signal ? { signal } : {}),
    onProgress: (progress: Progress) => onProgress?.(phase, progress),
  });
  const indices = chooseImages(info.images, images ?? info.images, seed);
  const codes = await codesUnder(workspace, run, dataset, indices, follow('encoding'));
  const columns = await readColumns(dataset, indices);
  const axes = await findAxes(codes, latentDimOf(run), columns, { seed, ...follow('searching') });
  signal?.throwIfAborted();
  await storeAxes(runFolder(workspace, run.info.id), info.id, axes, checkpointStepOf(run));
  return { axes, indices, codes, columns };
}
