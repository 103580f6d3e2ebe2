import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { shownText } from '../../contract/shown-text.ts';
import { writePrivateFile, writePrivateFolder } from '../../system/atomic.ts';
import { lockFile, lockFolder, type Lock } from '../../system/lock.ts';
import { deleteRemoved, restoreRemoved } from '../../system/removed.ts';
import type { Workspace } from '../basics/workspace.ts';
import { DATASET_FILES } from './dataset-files.ts';
import { makeDatasetId } from './dataset-id.ts';
import { datasetFolder, listDatasets, readDatasetInfo } from './store.ts';

/** The file whose lock is held while a name is chosen and until its data set is in its place. */
const LOCK_NAME = '.dataset-names.lock';
const RETRY_MS = 20;
/** A name is chosen in milliseconds. Who waits longer than this waits for a process that hangs. */
const MOST_RETRIES = 500;

/**
 * Locks the names of the data sets, because two imports that end together must not choose the same one.
 *
 * @returns undefined where no lock can be made; such a workspace is on a file system without locks
 */
async function lockNames({ root }: Workspace): Promise<Lock | undefined> {
  for (let i = 0; i < MOST_RETRIES; i++) {
    try {
      const lock = await lockFile(join(root, LOCK_NAME));
      if (lock) return lock;
    } catch {
      return undefined;
    }
    await sleep(RETRY_MS);
  }
  return undefined;
}

/** Whether the command line could take a name for this data set's. */
function answersTo({ id, name }: DatasetInfo, wanted: string): boolean {
  return name === wanted || id === wanted;
}

/** A name that no data set has: the wanted one, else with the first free number behind it: `faces 2`. */
async function freeName(workspace: Workspace, wanted: string, own?: string): Promise<string> {
  const others = (await listDatasets(workspace)).filter(({ id }) => id !== own);
  const isTaken = (name: string): boolean => others.some((other) => answersTo(other, name));
  const shown = shownText(wanted);
  if (!isTaken(shown)) return shown;
  for (let number = 2; ; number++) if (!isTaken(`${shown} ${number}`)) return `${shown} ${number}`;
}

/**
 * Makes a data set's folder, which appears only when it is complete, under a name that no other data set has.
 *
 * @param wanted - its name if that is free, else it gets a number
 * @param fill - writes the files into the staging folder; it calls `takeName` when only the description is left to
 *   write, because other data sets wait for its name from then on
 */
export async function writeNamedDataset<T>(
  workspace: Workspace,
  wanted: string,
  fill: (staging: string, id: string, takeName: () => Promise<string>) => Promise<T>,
): Promise<T> {
  const id = makeDatasetId(wanted);
  let lock: Lock | undefined;
  const takeName = async (): Promise<string> => {
    lock ??= await lockNames(workspace);
    return freeName(workspace, wanted);
  };
  try {
    return await writePrivateFolder(join(workspace.datasets, id), (staging) => fill(staging, id, takeName));
  } finally {
    lock?.release();
  }
}

async function saveName(workspace: Workspace, info: DatasetInfo, name: string): Promise<DatasetInfo> {
  const renamed = { ...info, name };
  const path = join(datasetFolder(workspace, info.id), DATASET_FILES.info);
  await writePrivateFile(path, `${JSON.stringify(renamed, null, 2)}\n`);
  return renamed;
}

/**
 * Renames a data set. Jobs that read it go on.
 *
 * @throws UnravelError `conflict` if another data set has this name, or it is being removed; `bad-input` for an empty
 *   name; `not-found`
 */
export async function renameDataset(workspace: Workspace, id: string, wanted: string): Promise<DatasetInfo> {
  const name = shownText(wanted.trim().normalize('NFC'));
  if (name === '') throw new UnravelError('bad-input', 'A data set needs a name.');
  await readDatasetInfo(workspace, id);
  // Keeps it from being removed, which would leave a folder with nothing but its new description.
  const kept = await lockFolder(datasetFolder(workspace, id), 'shared');
  if (!kept) throw new UnravelError('conflict', 'The data set is being removed.');
  const names = await lockNames(workspace);
  try {
    const other = (await listDatasets(workspace)).find((one) => one.id !== id && answersTo(one, name));
    if (other) {
      throw new UnravelError('conflict', `Another data set is already called ${name}.`, {
        hint: 'Choose another name, or rename that one first.',
      });
    }
    return await saveName(workspace, await readDatasetInfo(workspace, id), name);
  } finally {
    names?.release();
    kept.release();
  }
}

/**
 * Restores a data set that `removeDatasetForNow` removed. If another one has its name now, it gets a new one.
 *
 * @throws UnravelError `not-found` if its files are deleted
 */
export async function restoreDataset(workspace: Workspace, id: string): Promise<void> {
  const names = await lockNames(workspace);
  try {
    if (!(await restoreRemoved(datasetFolder(workspace, id)))) {
      throw new UnravelError('not-found', 'The data set can no longer be restored: its files are deleted.');
    }
    // A damaged one has no name that could be taken.
    const info = await readDatasetInfo(workspace, id).catch(() => undefined);
    if (!info) return;
    const name = await freeName(workspace, info.name, id);
    if (name !== info.name) await saveName(workspace, info, name);
  } finally {
    names?.release();
  }
}

/** Deletes the files of a data set that `removeDatasetForNow` removed. Does nothing if it was restored. */
export function deleteRemovedDataset(workspace: Workspace, id: string): Promise<void> {
  return deleteRemoved(datasetFolder(workspace, id));
}
