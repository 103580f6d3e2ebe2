import { sharpeningRefusal, type SharpeningChoices } from '../../contract/sharpen-run.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import type { RunInfo } from '../../contract/run.ts';
import { hasModel } from '../components/run-words.ts';
import type { AppState } from './app.svelte.ts';

/** The data sets that a run can be sharpened on: its own, or where that is not in the workspace, those of such images. */
export function sharpeningData({ library }: AppState, run: RunInfo): readonly DatasetInfo[] {
  const own = library.dataset(run.dataset?.id);
  if (own) return [own];
  const { imageSize, channels, condition } = run;
  return library.datasets.filter(
    (dataset) =>
      dataset.kind !== 'points' &&
      dataset.imageSize === imageSize &&
      dataset.channels === channels &&
      (!condition || dataset.columns.some(({ name }) => name === condition.column)),
  );
}

/** Why a run cannot be sharpened, in a sentence; undefined where it can. */
export function sharpeningProblem(app: AppState, run: RunInfo): string | undefined {
  const refusal = sharpeningRefusal(run);
  if (refusal) return `It cannot be sharpened: ${refusal.why}.`;
  if (run.state === 'running' || !hasModel(run))
    return 'It cannot be sharpened before its training has ended.';
  return sharpeningData(app, run).length > 0
    ? undefined
    : 'It cannot be sharpened: the workspace has no images like those that it was trained on.';
}

/** Starts a sharpening, and shows it in Train. */
export async function startSharpening(
  app: AppState,
  run: RunInfo,
  dataset: string,
  choices: SharpeningChoices,
): Promise<void> {
  const other = dataset === run.dataset?.id ? {} : { dataset };
  const job = await app.jobs.start({ kind: 'sharpen', run: run.id, ...other, choices });
  app.trainTarget = job.id;
  app.view = 'train';
  app.expectRunOf(job.id);
}
