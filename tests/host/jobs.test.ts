import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventName } from '../../src/contract/events.ts';
import { isEnd, type Job, type JobOrder, type JobRequest } from '../../src/contract/job.ts';
import { Jobs } from '../../src/host/jobs.ts';
import { FakeProcesses, type FakeProcess } from './fake-processes.ts';
import { smallConfig } from './samples.ts';

const training: JobOrder & JobRequest = { kind: 'train', dataset: 'faces', config: smallConfig };
const drawing: JobOrder & JobRequest = { kind: 'sample-data', what: 'faces', seed: 1 };

let workspace: string;
let processes: FakeProcesses;
let events: { event: EventName; payload: unknown }[];
let troubles: unknown[];
let jobs: Jobs;

function makeJobs(): Jobs {
  return new Jobs({
    startProcess: processes.start,
    workspace,
    emit: (event, payload) => void events.push({ event, payload }),
    grantResult: (_order, result) => result,
    onTrouble: (error) => void troubles.push(error),
  });
}

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'unravel-jobs-'));
  processes = new FakeProcesses();
  events = [];
  troubles = [];
  jobs = makeJobs();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(workspace, { recursive: true, force: true });
});

const start = (request: JobOrder & JobRequest = training): Job =>
  jobs.start(request, request, `A ${request.kind}`);
const now = (id: string): Job => jobs.list().find((job) => job.id === id)!;
const states = (): string[] => jobs.list().map(({ state }) => state);
const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
const named = (name: EventName): unknown[] =>
  events.filter(({ event }) => event === name).map(({ payload }) => payload);
const storedFile = (): string => join(workspace, 'jobs.json');
/** All commands of a process but its first, `start`. */
const later = (process: FakeProcess): unknown[] => process.commands.slice(1);

async function say(process: FakeProcess, ...reports: unknown[]): Promise<void> {
  for (const report of reports) process.say(report);
  await settle();
}

/** Ends a process as one does that is told to stop. */
async function obey(process: FakeProcess): Promise<void> {
  await say(process, { type: 'stopped', result: {} });
  process.exit(0);
  await settle();
}

describe('a job', () => {
  it('is told what to do, reports, and ends once', async () => {
    const { id } = start(drawing);
    const [process] = processes.started;
    await settle();
    expect(process!.commands).toEqual([{ type: 'start', workspace, order: drawing }]);
    await say(process!, { type: 'progress', progress: { done: 1, total: 4, rate: 2, unit: 'images' } });
    expect(now(id)).toMatchObject({ state: 'running', progress: { done: 1, total: 4 } });
    await say(
      process!,
      { type: 'warning', message: 'Slow.' },
      { type: 'done', result: { dataset: 'faces-1' } },
    );
    // What comes after its end is not heard.
    await say(process!, { type: 'failed', error: { code: 'internal', message: 'No.' } });
    process!.exit(1);
    expect(now(id)).toMatchObject({ state: 'done', warning: 'Slow.', result: { dataset: 'faces-1' } });
    const ends = named('job').filter((job) => isEnd((job as Job).state));
    expect(ends).toHaveLength(1);
    expect(named('datasets.changed')).toHaveLength(1);
  });

  it('fails with its own sentence, or with ours when its process dies', async () => {
    const [failing, dying] = [start(drawing), start(drawing)];
    const [first, second] = processes.started;
    await say(first!, { type: 'failed', error: { code: 'diverged', message: 'It diverged.' } });
    second!.exit(null, 'SIGKILL');
    expect(now(failing.id)).toMatchObject({ state: 'failed', error: { code: 'diverged' } });
    expect(now(dying.id)).toMatchObject({
      state: 'failed',
      error: { code: 'disconnected', message: expect.stringMatching(/“A sample-data”.*SIGKILL/) as string },
    });
  });

  it('does not mind what is no report', async () => {
    const { id } = start(drawing);
    await say(processes.started[0]!, null, { type: 'progress' }, { type: 'done' }, 'done');
    expect(now(id).state).toBe('running');
  });

  it('tells of progress and steps about four times a second, and of the last ones always', async () => {
    vi.useFakeTimers();
    start();
    const [process] = processes.started;
    await vi.advanceTimersByTimeAsync(0);
    events.length = 0;
    for (let step = 1; step <= 100; step++) {
      process!.say({ type: 'progress', progress: { done: step, total: 100, rate: 1, unit: 'steps' } });
      process!.say({
        type: 'step',
        run: 'vae-1',
        klPerDimension: [1],
        metric: { step, epoch: 0, loss: { total: 1, terms: {} }, imagesPerSecond: 1 },
      });
      await vi.advanceTimersByTimeAsync(20);
    }
    await vi.advanceTimersByTimeAsync(1000);
    const steps = named('step').map((payload) => (payload as { step: number }).step);
    expect(steps.length).toBeGreaterThanOrEqual(8);
    expect(steps.length).toBeLessThanOrEqual(10);
    expect(steps.at(-1)).toBe(100);
    expect(named('job').length).toBeLessThanOrEqual(10);
    expect(named('job').at(-1)).toMatchObject({ progress: { done: 100 } });
  });

  it('is killed when it does not stop, or does not go', async () => {
    vi.useFakeTimers();
    const stubborn = start(drawing);
    const lingering = start(drawing);
    jobs.cancel(stubborn.id);
    await say2(processes.started[1]!, { type: 'done', result: {} });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(processes.started.map(({ isKilled }) => isKilled)).toEqual([true, true]);
    expect(now(stubborn.id).state).toBe('cancelled');
    expect(now(lingering.id).state).toBe('done');

    async function say2(process: FakeProcess, report: unknown): Promise<void> {
      process.say(report);
      await vi.advanceTimersByTimeAsync(0);
    }
  });
});

describe('the queue', () => {
  it('trains one at a time, in order, and lets two others run beside it', async () => {
    const trainings = [start(), start()];
    const others = [start(drawing), start(drawing), start(drawing)];
    expect(states()).toEqual(['running', 'queued', 'running', 'running', 'queued']);
    expect(jobs.list().map(({ id }) => id)).toEqual([...trainings, ...others].map(({ id }) => id));
    const [first, drawn] = processes.started;
    await say(first!, { type: 'done', result: { run: 'vae-1' } });
    // The processor and its memory are free only when the process has gone.
    expect(states()[1]).toBe('queued');
    first!.exit(0);
    expect(states()[1]).toBe('running');
    drawn!.exit(1);
    expect(states()).toEqual(['done', 'running', 'failed', 'running', 'running']);
  });

  it('stops what is cancelled, waiting or running, and begins what comes next', async () => {
    const [running, waiting, next] = [start(), start(), start()];
    expect(jobs.cancel(waiting.id).state).toBe('cancelled');
    jobs.cancel(running.id);
    const [process] = processes.started;
    await settle();
    expect(later(process!)).toEqual([{ type: 'stop' }]);
    await obey(process!);
    expect([running, waiting, next].map(({ id }) => now(id).state)).toEqual([
      'cancelled',
      'cancelled',
      'running',
    ]);
    // Whoever has ended stays so.
    expect(jobs.cancel(running.id).state).toBe('cancelled');
    expect(
      named('job').filter((job) => (job as Job).id === running.id && isEnd((job as Job).state)),
    ).toHaveLength(1);
  });

  it('takes off the list what has ended, and nothing else', async () => {
    const { id } = start();
    expect(() => jobs.dismiss(id)).toThrow(/not ended/);
    await say(processes.started[0]!, { type: 'done', result: { run: 'vae-1' } });
    jobs.dismiss(id);
    expect(jobs.list()).toEqual([]);
    expect(named('job.dismissed')).toEqual([{ job: id }]);
    expect(() => jobs.dismiss(id)).toThrow(expect.objectContaining({ code: 'not-found' }) as Error);
  });
});

describe('a training', () => {
  it('tells of its run, its epochs and every change of the list of runs', async () => {
    const { id } = start();
    const [process] = processes.started;
    await say(process!, { type: 'run', run: 'vae-1' });
    expect(now(id).run).toBe('vae-1');
    const metric = {
      epoch: 1,
      step: 10,
      loss: { total: 1, terms: {} },
      heldOut: { images: 5, reconstruction: 1, kl: 1, klPerDimension: [1], activeDimensions: 1 },
      seconds: 2,
    };
    await say(process!, { type: 'epoch', run: 'vae-1', metric });
    expect(named('epoch')).toEqual([{ run: 'vae-1', ...metric }]);
    await say(process!, { type: 'done', result: { run: 'vae-1' } });
    expect(named('runs.changed')).toHaveLength(3);
  });

  it('is paused with a checkpoint, gives way to the next, and goes on with its run', async () => {
    const [first, second] = [start(), start()];
    const [process] = processes.started;
    await say(process!, { type: 'run', run: 'vae-1' });
    expect(jobs.pause(first.id).state).toBe('pausing');
    expect(() => jobs.resume(first.id)).toThrow(/being paused/);
    await obey(process!);
    expect(states()).toEqual(['paused', 'running']);
    expect(jobs.resume(first.id).state).toBe('queued');
    await say(processes.started[1]!, { type: 'done', result: { run: 'vae-2' } });
    processes.started[1]!.exit(0);
    await settle();
    expect(now(second.id).state).toBe('done');
    expect(processes.started[2]!.commands[0]).toEqual({
      type: 'start',
      workspace,
      order: { kind: 'resume', run: 'vae-1' },
    });
  });

  it('is paused while it waits, and begins anew', async () => {
    const [, waiting] = [start(), start()];
    expect(jobs.pause(waiting.id).state).toBe('paused');
    processes.started[0]!.exit(0);
    await settle();
    expect(processes.started).toHaveLength(1);
    jobs.resume(waiting.id);
    await settle();
    expect(processes.started[1]!.commands[0]).toMatchObject({ order: { kind: 'train' } });
  });

  it('can be stopped for good while it pauses, and while its process still tidies up', async () => {
    const pausing = start();
    jobs.pause(pausing.id);
    jobs.cancel(pausing.id);
    await obey(processes.started[0]!);
    expect(now(pausing.id).state).toBe('cancelled');
    const paused = start();
    jobs.pause(paused.id);
    await say(processes.started[1]!, { type: 'stopped', result: {} });
    expect(now(paused.id).state).toBe('paused');
    expect(jobs.cancel(paused.id).state).toBe('cancelled');
  });

  it('that is done before it could be paused is done', async () => {
    const { id } = start();
    jobs.pause(id);
    await say(processes.started[0]!, { type: 'done', result: { run: 'vae-1' } });
    expect(now(id).state).toBe('done');
  });

  it('whose process dies is interrupted, says so, and can be resumed', async () => {
    const { id } = start();
    await say(processes.started[0]!, { type: 'run', run: 'vae-1' });
    processes.started[0]!.exit(null, 'SIGKILL');
    expect(now(id)).toMatchObject({
      state: 'interrupted',
      error: { hint: expect.stringContaining('Resume') as string },
    });
    jobs.resume(id);
    await settle();
    expect(now(id)).toMatchObject({ state: 'running' });
    expect(now(id).error).toBeUndefined();
    expect(processes.started[1]!.commands[0]).toMatchObject({ order: { kind: 'resume', run: 'vae-1' } });
  });

  it('is resumed as the job it is, not as a second one', async () => {
    const { id } = start();
    await say(processes.started[0]!, { type: 'run', run: 'vae-1' });
    processes.started[0]!.exit(1);
    expect(start({ kind: 'resume', run: 'vae-1' }).id).toBe(id);
    expect(jobs.list()).toHaveLength(1);
  });

  it('alone can be paused', () => {
    const { id } = start(drawing);
    expect(() => jobs.pause(id)).toThrow(expect.objectContaining({ code: 'unsupported' }) as Error);
  });
});

describe('after a restart', () => {
  /** What the next host makes of the workspace. */
  async function next(): Promise<void> {
    processes = new FakeProcesses();
    events = [];
    jobs = makeJobs();
    await jobs.load();
    await settle();
  }

  it('of a host that closed in order, trainings go on by themselves and pauses stay', async () => {
    const [running, waiting, paused] = [start(), start(), start()];
    const drawn = start(drawing);
    await say(processes.started[0]!, { type: 'run', run: 'vae-1' });
    jobs.pause(paused.id);
    const closed = jobs.close(10_000);
    await settle();
    for (const process of processes.started) {
      expect(later(process)).toEqual([{ type: 'stop' }]);
      await obey(process);
    }
    await closed;
    expect(now(drawn.id)).toMatchObject({ state: 'cancelled' });
    // The slot that the first gave back went to nobody.
    expect(processes.started).toHaveLength(2);

    await next();
    expect(jobs.list().map(({ id, state }) => [id, state])).toEqual([
      [running.id, 'running'],
      [waiting.id, 'queued'],
      [paused.id, 'paused'],
    ]);
    expect(processes.started[0]!.commands[0]).toMatchObject({ order: { kind: 'resume', run: 'vae-1' } });
    const later_ = start(drawing);
    expect(later_.order).toBeGreaterThan(paused.order);
  });

  it('of a host that could not wait, the training that was killed is interrupted', async () => {
    const { id } = start();
    await say(processes.started[0]!, { type: 'run', run: 'vae-1' });
    await jobs.close(20);
    expect(processes.started[0]!.isKilled).toBe(true);
    await next();
    expect(now(id)).toMatchObject({ state: 'interrupted', run: 'vae-1' });
  });

  it('that ran out of disk can be resumed where it is a training, and has failed where it is none', async () => {
    const error = { code: 'disk-full', message: 'The disk is full.' };
    const [trained, drawn] = [start(), start(drawing)];
    for (const process of processes.started) await say(process, { type: 'failed', error });
    expect(now(trained.id)).toMatchObject({ state: 'interrupted', error });
    expect(now(drawn.id)).toMatchObject({ state: 'failed', error });
    for (const process of processes.started) process.exit(0);
    await settle();
    expect(jobs.resume(trained.id)).toMatchObject({ state: 'running' });
  });

  it('of a host that died, trainings are interrupted and others have failed', async () => {
    const [trained, drawn, waiting] = [start(), start(drawing), start()];
    await vi.waitFor(() => expect(readFileSync(storedFile(), 'utf8')).toContain(waiting.id));
    await next();
    expect(now(trained.id)).toMatchObject({ state: 'interrupted' });
    expect(now(drawn.id)).toMatchObject({ state: 'failed' });
    // The way is free: what waited goes on.
    expect(now(waiting.id).state).toBe('running');
  });

  it('an import whose files went with the host has failed, one whose files are there goes on', async () => {
    for (let i = 0; i < 2; i++) start(drawing);
    const importing = (paths: string[]): Job =>
      jobs.start(
        { kind: 'import', source: `source-${'0'.repeat(16)}`, crop: 'auto' },
        { kind: 'import', paths, crop: 'auto' },
        'An import',
      );
    const [gone, there] = [importing([join(workspace, 'gone')]), importing([workspace])];
    await vi.waitFor(() => expect(readFileSync(storedFile(), 'utf8')).toContain(there.id));
    await next();
    expect(now(gone.id)).toMatchObject({ state: 'failed', error: { message: expect.any(String) as string } });
    expect(now(there.id).state).toBe('running');
  });

  it('a damaged list is put aside and the queue is empty', async () => {
    for (const damaged of ['{"version":1,"jobs":[{"job":1}]}', '{', '{"version":2,"jobs":[]}']) {
      writeFileSync(storedFile(), damaged);
      await next();
      expect(jobs.list()).toEqual([]);
      expect(readdirSync(workspace)).toEqual(['jobs.json.damaged']);
      expect(readFileSync(join(workspace, 'jobs.json.damaged'), 'utf8')).toBe(damaged);
    }
  });

  it('nothing has been written where there was nothing to keep', async () => {
    await next();
    await jobs.close(10);
    expect(readdirSync(workspace)).toEqual([]);
  });

  it('a list that cannot be written is told of, and the work goes on', async () => {
    rmSync(workspace, { recursive: true });
    writeFileSync(workspace, 'a file');
    const { id } = start();
    await vi.waitFor(() => expect(troubles.length).toBeGreaterThan(0));
    expect(now(id).state).toBe('running');
  });
});
