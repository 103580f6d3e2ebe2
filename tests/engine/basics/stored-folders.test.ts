import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetInfo } from '../../../src/contract/dataset.ts';
import type { RunInfo } from '../../../src/contract/run.ts';
import {
  listDatasets,
  listDatasetsAndDamaged,
  openDataset,
  removeDataset,
} from '../../../src/engine/data/store.ts';
import {
  listRuns,
  listRunsAndDamaged,
  openRun,
  removeRun,
  runFolder,
} from '../../../src/engine/runs/store.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { lockFolder } from '../../../src/system/lock.ts';
import { aDataset, aRun } from '../../fixtures/infos.ts';

let workspace: Workspace;
let outside: string;
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'unravel-folders-'));
  workspace = openWorkspace(join(root, 'workspace'));
  outside = join(root, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'precious.txt'), 'mine');
});
afterEach(() => rm(join(workspace.root, '..'), { recursive: true, force: true }));

async function placeDataset(id: string, changes: Partial<DatasetInfo> = {}): Promise<string> {
  const folder = join(workspace.datasets, id);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'dataset.json'),
    JSON.stringify({ ...aDataset({ id, name: id }), ...changes }),
  );
  return folder;
}

async function placeRun(id: string, changes: Partial<RunInfo> = {}): Promise<string> {
  const folder = join(workspace.runs, id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'run.json'), JSON.stringify({ ...aRun({ id, name: id }), ...changes }));
  return folder;
}

/** The two kinds of folders, so that each promise is kept by both. */
const kinds = [
  {
    noun: 'data set',
    file: 'dataset.json',
    place: placeDataset,
    parent: (): string => workspace.datasets,
    open: (id: string): Promise<unknown> => openDataset(workspace, id),
    remove: (id: string): Promise<unknown> => removeDataset(workspace, id),
    ids: async (): Promise<string[]> => (await listDatasets(workspace)).map(({ id }) => id),
    damaged: async () => (await listDatasetsAndDamaged(workspace)).damaged,
  },
  {
    noun: 'run',
    file: 'run.json',
    place: placeRun,
    parent: (): string => workspace.runs,
    open: (id: string): Promise<unknown> => openRun(workspace, id),
    remove: (id: string): Promise<unknown> => removeRun(workspace, id),
    ids: async (): Promise<string[]> => (await listRuns(workspace)).map(({ id }) => id),
    damaged: async () => (await listRunsAndDamaged(workspace)).damaged,
  },
] as const;

describe.each(kinds)('a $noun', ({ noun, file, place, parent, open, remove, ids, damaged }) => {
  it('that is damaged is never mistaken for a neighbour whose id begins with its own', async () => {
    const folder = await place('mine');
    await place('mine-1234');
    await truncate(join(folder, file), 40);
    await expect(open('mine')).rejects.toMatchObject({
      code: 'bad-input',
      path: join(folder, file),
      message: expect.stringContaining(join(folder, file)) as string,
    });
    await remove('mine');
    expect(await readdir(parent())).toEqual(['mine-1234']);
  });

  it('is opened and removed by its whole id only: not by its name, nor by the beginning of its id', async () => {
    await place('mine-1234', { name: 'Mine' });
    for (const wanted of ['mine', 'Mine', 'mine-123', 'mine-12345', '']) {
      await expect(open(wanted)).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove(wanted)).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(await ids()).toEqual(['mine-1234']);
  });

  it.each(['..', '.', '../outside', '../../outside', 'a/b', 'a\\b', '/etc', 'A', 'x\0y', '-a'])(
    'is never a path: %j is refused',
    async (id) => {
      await place('a');
      await expect(open(id)).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove(id)).rejects.toMatchObject({ code: 'not-found' });
      expect(await ids()).toEqual(['a']);
      expect(await readFile(join(outside, 'precious.txt'), 'utf8')).toBe('mine');
    },
  );

  it('that is cut, empty, missing its description, or describes another one is listed as damaged', async () => {
    await place('whole');
    await truncate(join(await place('cut'), file), 40);
    await truncate(join(await place('empty'), file), 0);
    await rm(join(await place('missing'), file));
    await place('other', { id: 'whole' });
    await place('version', { version: 2 as 1 });
    const found = await damaged();
    expect(found.map(({ id }) => id)).toEqual(['cut', 'empty', 'missing', 'other', 'version']);
    for (const { id, reason } of found) {
      expect(reason).toContain(join(parent(), id, file));
      expect(reason).toMatch(/^[A-Z].*\.$/);
    }
    expect(await ids()).toEqual(['whole']);
    for (const { id } of found) await remove(id);
    expect(await readdir(parent())).toEqual(['whole']);
  });

  it('whose description is a pipe or a folder is damaged, and nothing waits for it', async () => {
    const piped = await place('piped');
    await rm(join(piped, file));
    execFileSync('mkfifo', [join(piped, file)]);
    const folder = await place('folder');
    await rm(join(folder, file));
    await mkdir(join(folder, file));
    expect(await damaged()).toEqual([
      { id: 'folder', reason: expect.stringContaining('is not a regular file') as string },
      { id: 'piped', reason: expect.stringContaining('is not a regular file') as string },
    ]);
    await expect(open('piped')).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('whose description is far too large is damaged, and is not read', async () => {
    await truncate(join(await place('huge'), file), 2 ** 36);
    const [found] = await damaged();
    expect(found).toMatchObject({ id: 'huge', reason: expect.stringContaining('too large') as string });
  });

  it('that is a link, or holds one, is refused; removing it leaves what it leads to', async () => {
    await place('real');
    await rm(join(await place('described'), file));
    await symlink(join(parent(), 'real', file), join(parent(), 'described', file));
    await symlink(outside, join(parent(), 'linked'));
    await symlink(outside, join(await place('holds'), 'codes'));
    expect((await damaged()).map(({ id, reason }) => [id, /\bis a link\b/.test(reason)])).toEqual([
      ['described', true],
      ['holds', true],
      ['linked', true],
    ]);
    for (const id of ['described', 'holds', 'linked']) {
      await expect(open(id)).rejects.toMatchObject({ code: 'bad-input' });
      await remove(id);
    }
    expect(await readdir(parent())).toEqual(['real']);
    expect(await ids()).toEqual(['real']);
    expect(await readdir(outside)).toEqual(['precious.txt']);
  });

  it('that is not there is not found, to open as to remove', async () => {
    await expect(open('gone')).rejects.toMatchObject({
      code: 'not-found',
      message: `There is no ${noun} gone.`,
    });
    await expect(remove('gone')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a run', () => {
  it('has a folder by its id only', () => {
    expect(runFolder(workspace, 'vae-1a2b')).toBe(join(workspace.runs, 'vae-1a2b'));
    for (const id of ['..', '../datasets', '', 'A']) expect(() => runFolder(workspace, id)).toThrow();
  });

  it('whose data set has an id that leads out of the workspace is damaged', async () => {
    await placeRun('leads-out', { dataset: { id: '../../outside', name: 'x', images: 5 } });
    expect((await listRunsAndDamaged(workspace)).damaged).toMatchObject([{ id: 'leads-out' }]);
  });

  it('that is being trained is not removed, though its run.json is damaged', async () => {
    const folder = await placeRun('busy', { state: 'running' });
    await truncate(join(folder, 'run.json'), 30);
    const lock = await lockFolder(folder);
    await expect(removeRun(workspace, 'busy')).rejects.toMatchObject({ code: 'conflict' });
    expect(await readdir(workspace.runs)).toEqual(['busy']);
    lock!.release();
    await removeRun(workspace, 'busy');
    expect(await readdir(workspace.runs)).toEqual([]);
  });
});
