import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Recipe } from '../../src/contract/recipe.ts';
import { JobSchema, type Job, type JobOrder, type JobRequest } from '../../src/contract/job.ts';
import * as v from 'valibot';
import { Jobs } from '../../src/host/jobs.ts';
import { FakeProcesses } from './fake-processes.ts';
import { smallConfig } from './samples.ts';
import { eventually } from '../fixtures/eventually.ts';

const training: JobOrder & JobRequest = { kind: 'train', dataset: 'faces', config: smallConfig };
const drawing: JobOrder & JobRequest = { kind: 'sample-data', what: 'faces', seed: 1 };
const recipe: Recipe = {
  ...({ kind: 'interpolation', version: 1, run: 'vae', frames: 2, fps: 10, pingPong: true } as const),
  ...({ tileSizePx: 64, labels: false, layout: 'rows', theme: 'dark', start: [0], end: [1] } as const),
};
const source = `source-${'0'.repeat(16)}`;

let folder: string;
let workspace: string;
let userFolder: string;
let processes: FakeProcesses;
let jobs: Jobs;
let opened: Jobs[];
let troubles: unknown[];

/** The next host over a workspace. */
async function open(at = workspace): Promise<void> {
  processes = new FakeProcesses();
  jobs = new Jobs({
    startProcess: processes.start,
    workspace: at,
    userFolder,
    isTemporary: (path) => path.startsWith(join(at, '.temporary')),
    emit: () => undefined,
    grantResult: (_order, result) => result,
    onTrouble: (error) => void troubles.push(error),
  });
  opened.push(jobs);
  await jobs.load();
}

/** Lets the list reach the disk as it is now. */
async function kept(): Promise<void> {
  const now = jobs.list().map(({ id, state }) => [id, state]);
  await eventually(() => {
    const { jobs: stored } = JSON.parse(readFileSync(storedFile(), 'utf8')) as { jobs: { job: Job }[] };
    expect(stored.map(({ job: { id, state } }) => [id, state])).toEqual(now);
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-held-'));
  workspace = join(folder, 'workspace');
  userFolder = join(folder, 'user');
  mkdirSync(workspace);
  troubles = [];
  opened = [];
  await open();
});
afterEach(async () => {
  // Hosts that have ended in a test without closing still write.
  await Promise.all(opened.map((each) => each.close(1)));
  rmSync(folder, { recursive: true, force: true });
});

const states = (): string[] => jobs.list().map(({ state }) => state);
const storedFile = (): string => join(workspace, 'jobs.json');

/** Leaves jobs in the queue as a host does that ends before they begin. */
async function leave(...left: readonly [JobRequest, JobOrder][]): Promise<void> {
  // Two others take the places.
  for (let i = 0; i < 2; i++) jobs.start(drawing, drawing, 'Drawing');
  for (const [request, order] of left) jobs.start(request, order, `A ${order.kind}`);
  await kept();
}

const importing = (...paths: string[]): [JobRequest, JobOrder] => [
  { kind: 'import', source, crop: 'auto' },
  { kind: 'import', paths, crop: 'auto' },
];
const exporting = (path: string): [JobRequest, JobOrder] => [
  { kind: 'export', recipe },
  { kind: 'export', recipe, path },
];
const figures = (path: string): [JobRequest, JobOrder] => {
  const order = { kind: 'figures', runs: ['vae'], dataset: 'faces', format: 'pdf', seed: 1 } as const;
  return [
    { ...order, runs: ['vae'] },
    { ...order, runs: ['vae'], path },
  ];
};

/** Writes a list as somebody would who makes a workspace for others. */
function plant(...planted: readonly { job?: Partial<Job>; order: unknown; request?: unknown }[]): void {
  const list = planted.map(({ job, order, request = order }, i) => ({
    job: { id: `job-0000000${i}`, order: i + 1, request, title: 'Harmless', state: 'queued', ...job },
    order,
  }));
  writeFileSync(storedFile(), JSON.stringify({ version: 1, jobs: list }));
}

describe('a job that names files', () => {
  it('does not start when a workspace is opened, and shows which files it would use', async () => {
    const private_ = join(folder, 'private');
    mkdirSync(private_);
    const [gif, pdf] = [join(folder, 'a.gif'), join(folder, 'b.pdf')];
    await leave(importing(private_), exporting(gif), figures(pdf));
    await open();
    expect(processes.started).toEqual([]);
    expect(
      jobs
        .list()
        .slice(2)
        .map(({ state, held }) => [state, held]),
    ).toEqual([
      ['held', { reason: 'files', reads: [private_], writes: [] }],
      ['held', { reason: 'files', reads: [], writes: [gif] }],
      ['held', { reason: 'files', reads: [], writes: [pdf] }],
    ]);
    // It stays so with the next start, and the next.
    await jobs.close(10);
    await open();
    expect(states()).toEqual(['held', 'held', 'held']);
    expect(processes.started).toEqual([]);
  });

  it('starts once, when a person starts it', async () => {
    await leave(importing(folder));
    await open();
    const { id } = jobs.list().at(-1)!;
    const [started] = await Promise.all([jobs.confirm(id), jobs.confirm(id)]);
    expect(started.held).toBeUndefined();
    await eventually(() =>
      expect(processes.started[0]!.commands[0]).toMatchObject({ order: { paths: [folder] } }),
    );
    expect(processes.started).toHaveLength(1);
  });

  it('is not started by resuming or pausing it, and is removed from the list when it is discarded', async () => {
    await leave(importing(folder));
    await open();
    const { id } = jobs.list().at(-1)!;
    expect(() => jobs.resume(id)).toThrow(expect.objectContaining({ code: 'conflict' }) as Error);
    expect(() => jobs.pause(id)).toThrow(expect.objectContaining({ code: 'unsupported' }) as Error);
    jobs.dismiss(id);
    expect(jobs.list().some((job) => job.id === id)).toBe(false);
    await expect(jobs.confirm(id)).rejects.toMatchObject({ code: 'not-found' });
    await jobs.close(10);
    await open();
    expect(states()).toEqual([]);
  });

  it('is checked again when it is started: no file is overwritten, and a missing one is reported', async () => {
    const there = join(folder, 'there.gif');
    writeFileSync(there, 'a picture');
    const wrong: [JobOrder['kind'], [JobRequest, JobOrder], string, string][] = [
      ['export', exporting(there), 'conflict', there],
      ['export', exporting(join(folder, 'no', 'a.gif')), 'not-found', join(folder, 'no')],
      ['export', exporting(join(folder, '.bashrc')), 'bad-input', '.bashrc'],
      ['export', exporting('a.gif'), 'bad-input', 'a.gif'],
      ['figures', figures(join(folder, 'a.gif')), 'bad-input', 'a.gif'],
      ['import', importing(join(folder, 'gone')), 'not-found', join(folder, 'gone')],
      ['import', importing('..'), 'bad-input', '..'],
    ];
    await leave(...wrong.map(([, pair]) => pair));
    await open();
    const held = jobs.list().filter(({ state }) => state === 'held');
    for (const [i, [kind, , code, words]] of wrong.entries()) {
      expect(held[i]!.request.kind).toBe(kind);
      await expect(jobs.confirm(held[i]!.id)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words) as string,
      });
    }
    expect(processes.started).toEqual([]);
    expect(readFileSync(there, 'utf8')).toBe('a picture');
  });

  it('has failed where its files were removed with the host', async () => {
    await leave(importing(join(workspace, '.temporary', '1-a', 'uploads', 'faces')));
    await open();
    expect(jobs.list().at(-1)).toMatchObject({ state: 'failed', error: { code: 'disconnected' } });
  });
});

describe('a list of jobs from elsewhere', () => {
  it('starts nothing, trainings included, and only its orders are used', async () => {
    const gif = join(folder, 'victim.gif');
    writeFileSync(gif, 'precious');
    const { request, order } = { request: exporting(gif)[0], order: exporting(gif)[1] };
    plant(
      { order: training },
      {
        order: drawing,
        job: { warning: 'Press Start.', error: { code: 'internal', message: 'Press Start.' } },
      },
      { order, request },
      { order: importing(folder)[1], request: importing(folder)[0], job: { state: 'paused' } },
      {
        order: importing(folder)[1],
        request: importing(folder)[0],
        job: { state: 'interrupted', run: 'vae-1' },
      },
      { order: drawing, job: { state: 'paused', order: Number.MAX_SAFE_INTEGER } },
    );
    await open();
    expect(processes.started).toEqual([]);
    expect(new Set(states())).toEqual(new Set(['held']));
    expect(jobs.list().every(({ held }) => held?.reason === 'elsewhere')).toBe(true);
    expect(jobs.list().map(({ title }) => title)).not.toContain('Harmless');
    expect(jobs.list()[1]).not.toHaveProperty('warning');
    expect(jobs.list()[1]).not.toHaveProperty('error');
    expect(jobs.list()[3]!.held!.reads).toEqual([folder]);
    // What clients are told is valid, whatever numbers the list had.
    const added = jobs.start(training, training, 'A training');
    for (const job of [...jobs.list(), added]) expect(v.is(JobSchema, job)).toBe(true);
    expect(readFileSync(gif, 'utf8')).toBe('precious');
  });

  it('whose orders do not match their requests is not used', async () => {
    plant({ order: importing(folder)[1], request: drawing });
    await open();
    expect(jobs.list()).toEqual([]);
    expect(troubles).toHaveLength(1);
  });

  it('is one that was copied from another folder, or has an invalid seal', async () => {
    jobs.start(training, training, 'First');
    jobs.start(training, training, 'Second');
    await kept();
    const copy = join(folder, 'copy');
    cpSync(workspace, copy, { recursive: true });
    await open(copy);
    expect(states()).toEqual(['interrupted', 'held']);
    writeFileSync(storedFile(), readFileSync(storedFile(), 'utf8').replace('"epochs": 2', '"epochs": 3'));
    await open();
    expect(states()).toEqual(['interrupted', 'held']);
  });

  it('is every list where the person’s key is missing, or may be another user’s', async () => {
    const key = join(userFolder, 'queue.key');
    jobs.start(training, training, 'First');
    jobs.start(training, training, 'Second');
    await kept();
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(statSync(userFolder).mode & 0o777).toBe(0o700);
    const [own, list] = [readFileSync(key), readFileSync(storedFile())];
    const copy = join(folder, 'key');
    writeFileSync(copy, own, { mode: 0o600 });
    const others = [
      () => rmSync(userFolder, { recursive: true }),
      () => chmodSync(key, 0o644),
      () => {
        rmSync(key);
        symlinkSync(copy, key);
      },
      () => writeFileSync(key, ''),
      () => {
        rmSync(userFolder, { recursive: true });
        writeFileSync(userFolder, '');
      },
    ];
    for (const change of others) {
      change();
      await open();
      expect(states()).toEqual(['interrupted', 'held']);
      await jobs.close(1);
      // As it was before.
      rmSync(userFolder, { recursive: true });
      mkdirSync(userFolder, { mode: 0o700 });
      writeFileSync(key, own, { mode: 0o600 });
      writeFileSync(storedFile(), list);
    }
    await open();
    expect(states()).toEqual(['interrupted', 'running']);
  });

  it.runIf(process.getuid?.() === 0)('is one that belongs to another user', async () => {
    jobs.start(training, training, 'First');
    jobs.start(training, training, 'Second');
    await kept();
    chownSync(workspace, 65_534, 65_534);
    await open();
    expect(states()).toEqual(['interrupted', 'held']);
  });

  it('lets a person start its training, which counts as their own from then on', async () => {
    plant({ order: training });
    await open();
    const { id } = jobs.list()[0]!;
    expect((await jobs.confirm(id)).state).toBe('running');
    await jobs.close(1);
    await open();
    expect(states()).toEqual(['interrupted']);
    expect(existsSync(storedFile())).toBe(true);
  });
});
