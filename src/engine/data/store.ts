import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { DatasetInfoSchema, type DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { removeEntry } from '../../system/remove.ts';
import { lockForRemoval } from '../../system/lock.ts';
import { findNamed } from '../find-named.ts';
import { SPRITE_COUNT } from '../synthetic/sprites.ts';
import type { Workspace } from '../workspace.ts';
import { DATASET_FILES } from './dataset-files.ts';
import type { Dataset } from './dataset.ts';
import { openDrawnFaces } from './drawn-faces.ts';
import { openSprites } from './sprites-dataset.ts';
import { openStored } from './stored-dataset.ts';

/** @returns undefined where there is no readable `dataset.json` */
async function readInfo(workspace: Workspace, id: string): Promise<DatasetInfo | undefined> {
  try {
    const text = await readFile(join(workspace.datasets, id, DATASET_FILES.info), 'utf8');
    const parsed = v.safeParse(DatasetInfoSchema, JSON.parse(text));
    return parsed.success && parsed.output.id === id ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lists a workspace's data sets, newest first. Folders that hold none, such as an import's that is not complete,
 * are passed over.
 */
export async function listDatasets(workspace: Workspace): Promise<DatasetInfo[]> {
  const ids = await readdir(workspace.datasets).catch(() => []);
  const infos = await Promise.all(
    ids.filter((id) => !id.startsWith('.')).map((id) => readInfo(workspace, id)),
  );
  return infos
    .filter((info) => info !== undefined)
    .sort((a, b) => (a.created > b.created ? -1 : a.created < b.created ? 1 : a.id < b.id ? -1 : 1));
}

/** The data set meant by an id, the beginning of just one id, or a name that only one has. */
async function findDataset(workspace: Workspace, idOrName: string): Promise<DatasetInfo> {
  return findNamed(await listDatasets(workspace), idOrName, {
    noun: 'data set',
    none: 'There are no data sets yet: import a folder of faces, or make sample data.',
  });
}

/**
 * Opens a data set; the caller closes it.
 *
 * @param idOrName - its id, the beginning of its id, or its name
 * @throws UnravelError `not-found` with the nearest names; `bad-input` where the name fits several or a file of
 *   the data set is missing or cut off
 */
export async function openDataset(workspace: Workspace, idOrName: string): Promise<Dataset> {
  const info = await findDataset(workspace, idOrName);
  if (info.kind === 'faces' && info.isDrawn) return openDrawnFaces(info);
  if (info.kind !== 'sprites') return openStored(join(workspace.datasets, info.id), info);
  if (info.images > SPRITE_COUNT) {
    throw new UnravelError(
      'bad-input',
      `The data set ${info.name} is damaged: there are ${SPRITE_COUNT} sprites.`,
      {
        hint: `Make it again, and remove this one (${info.id}).`,
      },
    );
  }
  return openSprites(info);
}

/**
 * Removes a data set from the workspace. What it was imported from is not touched, and where its folder is a link,
 * the link goes and what it leads to stays.
 *
 * @param idOrName - as for {@link openDataset}
 * @returns what was removed
 * @throws UnravelError `not-found` or `bad-input`; `conflict` while it is in use
 */
export async function removeDataset(workspace: Workspace, idOrName: string): Promise<DatasetInfo> {
  const info = await findDataset(workspace, idOrName);
  const folder = join(workspace.datasets, info.id);
  const lock = await lockForRemoval(folder);
  if (!lock) {
    throw new UnravelError('conflict', `The data set ${info.name} is being read by another job or command.`, {
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
  return info;
}
