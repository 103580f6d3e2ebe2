import { UnravelError } from '../contract/errors.ts';
import type { Dataset } from '../engine/data/dataset.ts';
import type { InferenceModel } from '../engine/inference/model.ts';
import { findDataset } from './find.ts';
import { noteForeignData } from './note-foreign-data.ts';
import { checkIndices } from './parse.ts';
import { counted } from './format.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/**
 * Opens the data set that a command's indices refer to: the named one, or else the run's own. The caller closes it.
 *
 * @param named - the value of `--data`
 * @returns undefined where none is named and the run's own data set is not in the workspace
 */
export async function openRunDataset(
  session: Session,
  { info }: Pick<InferenceModel, 'info'>,
  named: string | undefined,
): Promise<Dataset | undefined> {
  if (named !== undefined) {
    const dataset = await findDataset(session, named);
    await noteForeignData(session, info, dataset.info);
    return dataset;
  }
  if (!info.dataset) return undefined;
  try {
    const { openLockedDataset } = await import('../engine/data/lock-dataset.ts');
    return await openLockedDataset(session.workspace, info.dataset.id);
  } catch (error) {
    if (error instanceof UnravelError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/**
 * Checks that there is a data set, and that an option's indices are in it.
 *
 * @param option - such as `--index`
 * @throws UsageError when there is none, or an index is too large
 */
export function requireImages(
  dataset: Dataset | undefined,
  option: string,
  indices: readonly number[],
): asserts dataset is Dataset {
  if (!dataset) {
    throw new UsageError(
      `${option} needs a data set, and the run's own is not in this workspace.`,
      'Name one with --data.',
    );
  }
  const { images, name } = dataset.info;
  checkIndices(option, indices, images, `${counted(images, 'image')} in ${name}`);
}
