import { UnravelError } from '../../contract/errors.ts';
import { lockFolder, type Lock } from '../../system/lock.ts';
import type { Workspace } from '../basics/workspace.ts';
import type { Dataset } from './dataset.ts';
import { datasetFolder, openDataset } from './store.ts';

/**
 * Opens a data set as `openDataset` does, and keeps it from being removed until it is closed. For work that reads it
 * for long: trainings, evaluations, encodings.
 *
 * @throws UnravelError as `openDataset`; `conflict` while it is being removed
 */
export async function holdDataset(workspace: Workspace, id: string): Promise<Dataset> {
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

/** @returns undefined where no lock can be made, such as on a disk that can only be read: reading goes on without */
async function share(folder: string): Promise<Lock | 'held' | undefined> {
  try {
    return (await lockFolder(folder, 'shared')) ?? 'held';
  } catch (error) {
    if (error instanceof UnravelError && error.code !== 'not-found') return undefined;
    throw error;
  }
}
