import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  deleteRemovedDataset,
  renameDataset,
  restoreDataset,
} from '../../../src/engine/data/dataset-names.ts';
import { createSprites } from '../../../src/engine/data/sample.ts';
import { datasetFolder, listDatasets, removeDatasetForNow } from '../../../src/engine/data/store.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { lockFolder } from '../../../src/system/lock.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-names-')));
});
afterEach(() => rm(workspace.root, { recursive: true, force: true }));

const make = (name: string) => createSprites(workspace, { count: 4, seed: 1, name });
const names = async (): Promise<string[]> => (await listDatasets(workspace)).map(({ name }) => name).sort();

describe('the names of data sets', () => {
  it('are numbered where the wanted one is taken', async () => {
    expect((await make('faces')).name).toBe('faces');
    expect((await make('faces')).name).toBe('faces 2');
    expect((await make('faces')).name).toBe('faces 3');
    expect((await make('faces 2')).name).toBe('faces 2 2');
  });

  it('differ where several data sets are made at the same time', async () => {
    await Promise.all(Array.from({ length: 6 }, () => make('faces')));
    expect(await names()).toEqual(['faces', 'faces 2', 'faces 3', 'faces 4', 'faces 5', 'faces 6']);
  });

  it("are never another data set's id, which the command line would find first", async () => {
    const { id } = await make('faces');
    expect((await make(id)).name).toBe(`${id} 2`);
  });

  it('are changed, but not to one that is taken', async () => {
    const { id } = await make('faces');
    await make('cells');
    expect(await renameDataset(workspace, id, '  people ')).toMatchObject({ id, name: 'people' });
    expect(await names()).toEqual(['cells', 'people']);
    await expect(renameDataset(workspace, id, 'cells')).rejects.toMatchObject({
      code: 'conflict',
      message: 'Another data set is already called cells.',
    });
    expect((await renameDataset(workspace, id, 'people')).name).toBe('people');
    await expect(renameDataset(workspace, id, '  ')).rejects.toMatchObject({ code: 'bad-input' });
    await expect(renameDataset(workspace, 'gone', 'x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are changed while a job reads the data set', async () => {
    const { id } = await make('faces');
    const reader = await lockFolder(datasetFolder(workspace, id), 'shared');
    expect((await renameDataset(workspace, id, 'people')).name).toBe('people');
    reader!.release();
  });
});

describe('a removed data set', () => {
  it('is in no list, and comes back whole', async () => {
    const before = await make('faces');
    await removeDatasetForNow(workspace, before.id);
    expect(await names()).toEqual([]);
    await restoreDataset(workspace, before.id);
    expect(await listDatasets(workspace)).toEqual([before]);
  });

  it('gets a new name where its own was taken meanwhile', async () => {
    const { id } = await make('faces');
    await removeDatasetForNow(workspace, id);
    await make('faces');
    await restoreDataset(workspace, id);
    expect((await listDatasets(workspace)).find((one) => one.id === id)!.name).toBe('faces 2');
  });

  it('does not come back once its files are deleted', async () => {
    const { id } = await make('faces');
    await removeDatasetForNow(workspace, id);
    await deleteRemovedDataset(workspace, id);
    await expect(restoreDataset(workspace, id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is not deleted once it was restored', async () => {
    const { id } = await make('faces');
    await removeDatasetForNow(workspace, id);
    await restoreDataset(workspace, id);
    await deleteRemovedDataset(workspace, id);
    expect(await names()).toEqual(['faces']);
  });

  it('is refused while it is being read', async () => {
    const { id } = await make('faces');
    const reader = await lockFolder(datasetFolder(workspace, id), 'shared');
    await expect(removeDatasetForNow(workspace, id)).rejects.toMatchObject({ code: 'conflict' });
    reader!.release();
    expect(await names()).toEqual(['faces']);
  });
});
