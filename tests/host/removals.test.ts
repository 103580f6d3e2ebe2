import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../src/contract/job.ts';
import type { Asker } from '../../src/contract/serve.ts';
import { deleteRemovedBefore, Removals } from '../../src/host/removals.ts';
import { RememberedWindow } from '../../src/host/remembered-window.ts';
import { eventually } from '../fixtures/eventually.ts';
import { smallConfig } from './samples.ts';

const asker: Asker = { client: 1, signal: new AbortController().signal };
const training: Job = {
  id: 'job-00000001',
  order: 1,
  request: { kind: 'train', dataset: 'faces', config: smallConfig },
  title: 'Training VAE on faces',
  state: 'running',
  run: 'vae',
};

let asked: [name: string, input: unknown][];
let jobs: Job[];
let removals: Removals;
beforeEach(() => {
  asked = [];
  jobs = [];
});
afterEach(() => removals.close());

function open(undoMs?: number): Removals {
  removals = new Removals({
    engine: {
      request: (name, input) => {
        asked.push([name, input]);
        return Promise.resolve({} as never);
      },
    },
    jobs: {
      list: () => jobs,
      dismiss: (id) => void (jobs = jobs.filter((job) => job.id !== id)),
    },
    ...(undoMs === undefined ? {} : { undoMs }),
    onTrouble: (error) => {
      throw error;
    },
  });
  return removals;
}

describe('what is removed', () => {
  it('is deleted when it can no longer be restored', async () => {
    await open(1).remove('dataset', 'faces', asker);
    await eventually(() =>
      expect(asked).toEqual([
        ['datasets.remove', { dataset: 'faces' }],
        ['engine.delete-removed', { kind: 'dataset', id: 'faces' }],
      ]),
    );
  });

  it('is not deleted once it was restored', async () => {
    await open(1).remove('run', 'vae', asker);
    await removals.restore('run', 'vae', asker);
    await removals.remove('run', 'other', asker);
    await eventually(() =>
      expect(asked.at(-1)).toEqual(['engine.delete-removed', { kind: 'run', id: 'other' }]),
    );
    expect(asked.map(([name]) => name)).toEqual([
      ...['runs.remove', 'runs.restore', 'runs.remove'],
      'engine.delete-removed',
    ]);
  });

  it('is refused while a job uses it or waits for it, by the name of the job', async () => {
    open();
    for (const state of ['running', 'queued', 'pausing'] as const) {
      jobs = [{ ...training, state }];
      for (const [kind, id] of [
        ['dataset', 'faces'],
        ['run', 'vae'],
      ] as const) {
        await expect(removals.remove(kind, id, asker)).rejects.toMatchObject({
          code: 'conflict',
          message: expect.stringContaining('“Training VAE on faces”') as unknown,
        });
      }
    }
    jobs = [
      {
        ...training,
        request: { kind: 'save', saved: { item: 'codes', run: 'vae', dataset: 'faces', format: 'csv' } },
      },
    ];
    await expect(removals.remove('run', 'vae', asker)).rejects.toMatchObject({ code: 'conflict' });
    expect(asked).toEqual([]);
    await removals.remove('run', 'another', asker);
    expect(asked).toHaveLength(1);
  });

  it('takes the paused training of a run along', async () => {
    open();
    jobs = [
      { ...training, state: 'paused' },
      { ...training, id: 'job-00000002', run: 'other', state: 'paused' },
    ];
    await removals.remove('run', 'vae', asker);
    expect(jobs.map(({ run }) => run)).toEqual(['other']);
  });
});

describe('what an earlier host left', () => {
  let workspace: string;
  beforeEach(async () => {
    open();
    workspace = await mkdtemp(join(tmpdir(), 'unravel-removals-'));
  });
  afterEach(() => rm(workspace, { recursive: true, force: true }));

  it('is deleted if it was removed, and nothing else is', async () => {
    for (const path of ['datasets/.faces-1.removed', 'datasets/faces-2', 'runs/.vae.removed', 'runs/vae']) {
      await mkdir(join(workspace, path), { recursive: true });
      await writeFile(join(workspace, path, 'a'), 'a');
    }
    await deleteRemovedBefore(workspace);
    expect(await readdir(join(workspace, 'datasets'))).toEqual(['faces-2']);
    expect(await readdir(join(workspace, 'runs'))).toEqual(['vae']);
  });

  it('of the window is recalled, also after many changes at once', async () => {
    const nothing = { pinned: {}, colouring: {}, opened: {}, openedAxis: {}, axes: {}, compared: {} };
    const window = new RememberedWindow(workspace);
    expect(await window.read()).toEqual(nothing);
    for (let i = 0; i <= 20; i++) void window.write({ ...nothing, pinned: { faces: i } });
    await window.close();
    expect(await new RememberedWindow(workspace).read()).toEqual({ ...nothing, pinned: { faces: 20 } });
  });

  it('of the window is like nothing where it is damaged', async () => {
    await writeFile(join(workspace, 'window.json'), '{"dataset": "../../etc"}');
    expect(await new RememberedWindow(workspace).read()).toMatchObject({ pinned: {} });
    const again = new RememberedWindow(workspace);
    await again.write({ ...(await again.read()), view: 'data' });
    expect(await readFile(join(workspace, 'window.json'), 'utf8')).toContain('"view":"data"');
  });
});
