import type { Damaged } from '../../contract/damaged.ts';
import { DatasetInfoSchema, type DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { removeEntry } from '../../system/remove.ts';
import { moveToRemoved } from '../../system/removed.ts';
import { lockForRemoval } from '../../system/lock.ts';
import {
  folderToRemove,
  listStored,
  readStored,
  storedFolder,
  type StoredKind,
} from '../basics/stored-folders.ts';
import { FACE_FACTORS } from '../synthetic/faces.ts';
import { SPRITE_COUNT, SPRITE_FACTORS, SPRITE_SIZE_PX } from '../synthetic/sprites.ts';
import type { Workspace } from '../basics/workspace.ts';
import { DATASET_FILES, MOST_INFO_BYTES } from './dataset-files.ts';
import type { Dataset } from './dataset.ts';
import { openDrawnFaces } from './drawn-faces.ts';
import { openSprites } from './sprites-dataset.ts';
import { openStored } from './stored-dataset.ts';

/** Maximum number of faces in a data set that is drawn when it is read. */
const MOST_DRAWN_FACES = 1_000_000;

const DATASETS: StoredKind<typeof DatasetInfoSchema> = {
  noun: 'data set',
  file: DATASET_FILES.info,
  schema: DatasetInfoSchema,
  mostBytes: MOST_INFO_BYTES,
};

/**
 * The path of a data set's folder, whether it exists or not.
 *
 * @throws UnravelError `not-found` for a text that cannot be an id
 */
export function datasetFolder(workspace: Workspace, id: string): string {
  return storedFolder(workspace.datasets, id, DATASETS);
}

/** Lists a workspace's data sets, newest first, and the damaged ones. */
export async function listDatasetsAndDamaged(
  workspace: Workspace,
): Promise<{ datasets: DatasetInfo[]; damaged: readonly Damaged[] }> {
  const { whole, damaged } = await listStored(workspace.datasets, DATASETS);
  const datasets = [...whole].sort((a, b) =>
    a.created > b.created ? -1 : a.created < b.created ? 1 : a.id < b.id ? -1 : 1,
  );
  return { datasets, damaged };
}

/** Lists a workspace's data sets, newest first. */ export async function listDatasets(
  workspace: Workspace,
): Promise<DatasetInfo[]> {
  return (await listDatasetsAndDamaged(workspace)).datasets;
}

/**
 * Reads the description of the data set with exactly this id.
 *
 * @throws UnravelError `not-found`; `bad-input` if it is damaged
 */
export function readDatasetInfo(workspace: Workspace, id: string): Promise<DatasetInfo> {
  return readStored(workspace.datasets, id, DATASETS);
}

/**
 * Opens the data set with exactly this id; the caller closes it.
 *
 * @throws UnravelError `not-found`; `bad-input` if a file of the data set is damaged, missing or too short
 */
export async function openDataset(workspace: Workspace, id: string): Promise<Dataset> {
  const info = await readDatasetInfo(workspace, id);
  if (info.kind === 'faces' && info.isDrawn) {
    checkDrawn(info, { most: MOST_DRAWN_FACES, factors: FACE_FACTORS });
    return openDrawnFaces(info);
  }
  if (info.kind !== 'sprites') return openStored(datasetFolder(workspace, id), info);
  checkDrawn(info, { most: SPRITE_COUNT, factors: SPRITE_FACTORS, imageSize: SPRITE_SIZE_PX });
  return openSprites(info);
}

/**
 * Checks the description of a data set that is drawn when it is read. There are no files whose sizes could be
 * checked.
 */
function checkDrawn(
  info: DatasetInfo,
  {
    most,
    factors,
    imageSize = info.imageSize,
  }: {
    readonly most: number;
    readonly factors: readonly { readonly name: string }[];
    /** The only supported size, if there is only one. */
    readonly imageSize?: number;
  },
): void {
  const unknown = info.columns.find(({ name }) => !factors.some((factor) => factor.name === name));
  const isOfSize = info.imageSize === imageSize;
  if (info.images <= most && isOfSize && !unknown) return;
  const what = unknown
    ? `there is no factor ${unknown.name}`
    : isOfSize
      ? `at most ${most} images can be drawn`
      : `its images are drawn ${imageSize}×${imageSize}, not ${info.imageSize}×${info.imageSize}`;
  throw new UnravelError('bad-input', `The data set ${info.name} is damaged: ${what}.`, {
    hint: `Make it again, and remove this one (${info.id}).`,
  });
}

/**
 * Removes the data set with exactly this id from the workspace, even if it is damaged. The files that it was
 * imported from are not touched. If its folder is a link, only the link is removed.
 *
 * @throws UnravelError `not-found`; `conflict` while it is being read
 */
export function removeDataset(workspace: Workspace, id: string): Promise<void> {
  return removeUnlocked(workspace, id, removeEntry);
}

/**
 * Removes a data set like {@link removeDataset}, but keeps its files, so that `restoreDataset` can restore it until they
 * are deleted.
 *
 * @throws UnravelError as {@link removeDataset}
 */
export function removeDatasetForNow(workspace: Workspace, id: string): Promise<void> {
  return removeUnlocked(workspace, id, moveToRemoved);
}

async function removeUnlocked(
  workspace: Workspace,
  id: string,
  remove: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await folderToRemove(workspace.datasets, id, DATASETS);
  const lock = await lockForRemoval(folder);
  if (!lock) {
    throw new UnravelError('conflict', `The data set ${id} is being read by another job or command.`, {
      hint: 'Wait until that is done, or stop it first.',
    });
  }
  try {
    // Windows does not move a folder that contains an open file.
    if (process.platform === 'win32') lock.release();
    await remove(folder);
  } finally {
    lock.release();
  }
}
