import { UnravelError } from '../../contract/errors.ts';
import { lockFolder, type Lock } from '../../system/lock.ts';
import type { Workspace } from '../basics/workspace.ts';
import type { Dataset } from './dataset.ts';
import { datasetFolder, openDataset } from './store.ts';

/**
 * Opens a data set like `openDataset`, and locks it against removal until it is closed. For long work such as
 * training, evaluating and encoding.
 *
 * @throws UnravelError the errors of `openDataset`; `conflict` while it is being removed
 */
export async function openLockedDataset(workspace: Workspace, id: string): Promise<Dataset> {
  const dataset = await openDataset(workspace, id);
  try {
    const lock = await share(datasetFolder(workspace, id));
    if (lock === 'held') {
      throw new UnravelError('conflict', `The data set ${dataset.info.name} is being removed.`, {
        hint: 'Choose another.',
      });
    }
    return {
      ...dataset,
      async close() {
        try {
          await dataset.close();
        } finally {
          lock?.release();
        }
      },
    };
  } catch (error) {
    await dataset.close();
    throw error;
  }
}

/**
 * @returns undefined if no lock can be made, for example on a read-only disk; then the data set is read without one
 */
async function share(folder: string): Promise<Lock | 'held' | undefined> {
  try {
    return (await lockFolder(folder, 'shared')) ?? 'held';
  } catch (error) {
    if (error instanceof UnravelError && error.code !== 'not-found') return undefined;
    throw error;
  }
}
