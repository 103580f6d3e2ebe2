import type { Damaged } from '../../contract/damaged.ts';
import { DatasetInfoSchema, type DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { removeEntry } from '../../system/remove.ts';
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

/** Faces that are drawn when they are read: as many as can be asked for. */
const MOST_DRAWN_FACES = 1_000_000;

const DATASETS: StoredKind<typeof DatasetInfoSchema> = {
  noun: 'data set',
  file: DATASET_FILES.info,
  schema: DatasetInfoSchema,
  mostBytes: MOST_INFO_BYTES,
};

/**
 * The folder of a data set, made or not.
 *
 * @throws UnravelError `not-found` for what cannot be an id
 */
export function datasetFolder(workspace: Workspace, id: string): string {
  return storedFolder(workspace.datasets, id, DATASETS);
}

/** A workspace's data sets, newest first, and those that are damaged. */
export async function listDatasetsAndDamaged(
  workspace: Workspace,
): Promise<{ datasets: DatasetInfo[]; damaged: readonly Damaged[] }> {
  const { whole, damaged } = await listStored(workspace.datasets, DATASETS);
  const datasets = [...whole].sort((a, b) =>
    a.created > b.created ? -1 : a.created < b.created ? 1 : a.id < b.id ? -1 : 1,
  );
  return { datasets, damaged };
}

/** A workspace's data sets, newest first. */
export async function listDatasets(workspace: Workspace): Promise<DatasetInfo[]> {
  return (await listDatasetsAndDamaged(workspace)).datasets;
}

/**
 * Opens the data set with exactly this id; the caller closes it.
 *
 * @throws UnravelError `not-found`; `bad-input` where a file of the data set is damaged, missing or cut off
 */
export async function openDataset(workspace: Workspace, id: string): Promise<Dataset> {
  const info = await readStored(workspace.datasets, id, DATASETS);
  if (info.kind === 'faces' && info.isDrawn) {
    checkDrawn(info, { most: MOST_DRAWN_FACES, factors: FACE_FACTORS });
    return openDrawnFaces(info);
  }
  if (info.kind !== 'sprites') return openStored(datasetFolder(workspace, id), info);
  checkDrawn(info, { most: SPRITE_COUNT, factors: SPRITE_FACTORS, imageSize: SPRITE_SIZE_PX });
  return openSprites(info);
}

/** What is drawn when it is read has no files whose sizes could be compared: its description alone is checked. */
function checkDrawn(
  info: DatasetInfo,
  {
    most,
    factors,
    imageSize = info.imageSize,
  }: {
    readonly most: number;
    readonly factors: readonly { readonly name: string }[];
    /** The only size that they are drawn in, if there is only one. */
    readonly imageSize?: number;
  },
): void {
  const unknown = info.columns.find(({ name }) => !factors.some((factor) => factor.name === name));
  const isOfSize = info.imageSize === imageSize;
  if (info.images <= most && isOfSize && !unknown) return;
  const what = unknown
    ? `nothing is drawn by a factor ${unknown.name}`
    : isOfSize
      ? `at most ${most} images can be drawn`
      : `its images are drawn ${imageSize}×${imageSize}, not ${info.imageSize}×${info.imageSize}`;
  throw new UnravelError('bad-input', `The data set ${info.name} is damaged: ${what}.`, {
    hint: `Make it again, and remove this one (${info.id}).`,
  });
}

/**
 * Removes the data set with exactly this id from the workspace, damaged or not. What it was imported from is not
 * touched, and where its folder is a link, the link goes and what it leads to stays.
 *
 * @throws UnravelError `not-found`
 */
export async function removeDataset(workspace: Workspace, id: string): Promise<void> {
  const folder = await folderToRemove(workspace.datasets, id, DATASETS);
  const lock = await lockForRemoval(folder);
  if (!lock) {
    throw new UnravelError('conflict', `The data set ${id} is being read by another job or command.`, {
      hint: 'Wait until that is done, or stop it first.',
    });
  }
  try {
    // Windows moves no folder in which a file is open.
    if (process.platform === 'win32') lock.release();
    await removeEntry(folder);
  } finally {
    lock.release();
  }
}
