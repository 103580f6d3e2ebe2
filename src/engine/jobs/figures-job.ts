import { UnravelError } from '../../contract/errors.ts';
import type { FiguresOrder } from '../../contract/figures.ts';
import type { JobOrder } from '../../contract/job.ts';
import type { RunInfo } from '../../contract/run.ts';
import { findStoredAxes } from '../axes/evaluate-axes.ts';
import { createProgress } from '../basics/progress.ts';
import type { Dataset } from '../data/dataset.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import type { FeatureChoice } from '../figures/choose-features.ts';
import { figureArchive, figureDocument } from '../figures/one-file.ts';
import { planFigures } from '../figures/plan-figures.ts';
import { renderFigures } from '../figures/render-figures.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { openModel } from '../inference/model.ts';
import { openRun, runFolder } from '../runs/store.ts';
import { findAxesInJob } from './axes-job.ts';
import { reportProgress, type JobContext } from './job-context.ts';
import type { JobEnd } from './training-jobs.ts';

/** As far as the command line moves dimensions. */
const RANGE = 3;

/** What features are called in an order, by the runs' places. */
function placed({ features = [], runs }: FiguresOrder): FeatureChoice[] {
  return features.map(({ name, dimensions }) => ({
    name,
    dimensions: new Map(
      dimensions.map(({ run, ...chosen }) => {
        const place = runs.indexOf(run);
        if (place >= 0) return [place, chosen];
        throw new UnravelError('bad-input', `${name}: the run ${run} is not among those that are drawn.`);
      }),
    ),
  }));
}

/**
 * Finds the axes of the runs that have none of the data set yet, one run after the other.
 *
 * @throws UnravelError with the run's name, for codes that have no axes
 */
async function findMissingAxes(
  context: JobContext,
  runs: readonly RunInfo[],
  dataset: Dataset,
): Promise<void> {
  const { workspace } = context;
  for (const { id, name } of runs) {
    const model = await openModel(workspace, id);
    try {
      if (await findStoredAxes(runFolder(workspace, id), dataset.info.id, model.latentDim)) continue;
      await findAxesInJob(context, model, dataset);
    } catch (error) {
      if (!(error instanceof UnravelError) || error.code !== 'bad-input') throw error;
      const { hint } = error;
      throw new UnravelError('bad-input', `Found no independent axes of ${name}: ${error.message}`, {
        ...(hint === undefined ? {} : { hint }),
        cause: error,
      });
    } finally {
      model.dispose();
    }
  }
}

/** Draws the figures of a paper into one file. Along axes, those of runs that have none are found first. */
export async function figuresJob(
  context: JobContext,
  order: Extract<JobOrder, { kind: 'figures' }>,
): Promise<JobEnd> {
  const { workspace, signal } = context;
  const { seed, only, images, range = RANGE, captions = true, format, path } = order;
  const runs: RunInfo[] = [];
  for (const id of order.runs) runs.push((await openRun(workspace, id)).info);
  const dataset = await openLockedDataset(workspace, order.dataset);
  try {
    if (order.axes) await findMissingAxes(context, runs, dataset);
    const choices = {
      ...{ seed, range, captions },
      ...(only ? { only } : {}),
      ...(images ? { images } : {}),
      ...(order.axes === undefined ? {} : { axes: order.axes }),
      ...(order.features ? { features: placed(order) } : {}),
    };
    const recipe = await planFigures(workspace, runs, dataset, choices, {
      signal,
      onProgress: (_run, progress) => reportProgress(context, 'images encoded')(progress),
    });
    const drawn = createProgress(runs.length);
    const tell = reportProgress(context, 'models drawn');
    const figures = await renderFigures(workspace, recipe, { signal, onRun: (done) => tell(drawn(done)) });
    if (figures.length === 0) {
      throw new UnravelError('bad-input', 'There is nothing to draw.', {
        hint: 'No dimension carries a label beyond chance: name dimensions, or draw other figures.',
      });
    }
    const file = format === 'pdf' ? figureDocument(figures) : await figureArchive(figures, recipe, signal);
    signal.throwIfAborted();
    await writeFileAtomic(path, file);
    return { result: {}, isStopped: false };
  } finally {
    await dataset.close();
  }
}
