import type { DatasetInfo } from '../contract/dataset.ts';
import { foreignData, foreignDataText } from '../contract/foreign-data.ts';
import type { RunInfo } from '../contract/run.ts';
import type { Session } from './session.ts';

/**
 * Says in a line that a model was not trained on a data set, or on images that were cropped otherwise. Nothing is said
 * about a model from elsewhere, whose training images nobody can compare.
 */
export async function noteForeignData(
  { workspace, reporter }: Session,
  run: RunInfo,
  dataset: DatasetInfo,
): Promise<void> {
  const { listDatasets } = await import('../engine/data/store.ts');
  const own = (await listDatasets(workspace)).find(({ id }) => id === run.dataset?.id);
  const foreign = foreignData(run, dataset, own);
  if (foreign?.kind !== 'other') return;
  const message = foreignDataText(run, dataset, foreign);
  reporter.event('warning', { message });
  reporter.remark(message);
}
