import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UnravelError } from '../../src/contract/errors.ts';
import type { EventName } from '../../src/contract/events.ts';
import { isEnd, type Job, type JobOrder, type JobRequest } from '../../src/contract/job.ts';
import { Jobs } from '../../src/host/jobs.ts';
import { FakeProcesses, type FakeProcess } from './fake-processes.ts';
import { smallConfig } from './samples.ts';
import { eventually } from '../fixtures/eventually.ts';

const training: JobOrder & JobRequest = { kind: 'train', dataset: 'faces', config: smallConfig };
const drawing: JobOrder & JobRequest = { kind: 'sample-data', what: 'faces', seed: 1 };

let folder: string;
let workspace: string;
let userFolder: string;
let processes: FakeProcesses;
let events: { event: EventName; payload: unknown }[];
let troubles: unknown[];
/** Hears what is told to clients, at once. */
let onEmit: (event: EventName, payload: unknown) => void;
let jobs: Jobs;
let opened: Jobs[];

function makeJobs(): Jobs {
  const made = new Jobs({
    startProcess: processes.start,
    workspace,
    userFolder,
    isTemporary: (path) => path.startsWith(join(workspace, '.temporary')),
    emit: (event, payload) => {
      events.push({ event, payload });
      onEmit(event, payload);
    },
    grantResult: (_order, result) => result,
    onTrouble: (error) => void troubles.push(error),
  });
  opened.push(made);
  return made;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-jobs-'));
  workspace = join(folder, 'workspace');
  userFolder = join(folder, 'user');
  mkdirSync(workspace);
  processes = new FakeProcesses();
  events = [];
  troubles = [];
  opened = [];
  onEmit = () => undefined;
  jobs = makeJobs();
});
afterEach(async () => {
  vi.useRealTimers();
  // Hosts that have ended in a test without closing still write.
  await Promise.all(opened.map((each) => each.close(1)));
  rmSync(folder, { recursive: true, force: true });
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
  it('gets its order, reports, and ends once', async () => {
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

  it('fails with its own message, or with the host’s when its process crashes', async () => {
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

  it('ignores malformed reports', async () => {
    const { id } = start(drawing);
    await say(processes.started[0]!, null, { type: 'progress' }, { type: 'done' }, 'done');
    expect(now(id).state).toBe('running');
  });

  it('reports progress and steps about four times a second, and always the last ones', async () => {
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

  it('is killed when it does not stop, or does not exit', async () => {
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
  it('runs one training at a time, in order, and two other jobs beside it', async () => {
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

  it('stops a cancelled job, waiting or running, and starts the next', async () => {
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

  it('removes only jobs that have ended from the list', async () => {
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
  it('reports its run, its epochs and every change of the list of runs', async () => {
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

  it('is paused with a checkpoint, lets the next one run, and continues its run', async () => {
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

  it('is paused while it waits, and starts from the beginning', async () => {
    const [, waiting] = [start(), start()];
    expect(jobs.pause(waiting.id).state).toBe('paused');
    processes.started[0]!.exit(0);
    await settle();
    expect(processes.started).toHaveLength(1);
    jobs.resume(waiting.id);
    await settle();
    expect(processes.started[1]!.commands[0]).toMatchObject({ order: { kind: 'train' } });
  });

  it('can be cancelled while it is being paused, and while its process still cleans up', async () => {
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

  it('whose process crashes is interrupted, reports it, and can be resumed', async () => {
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

  it('is trained further with its changes, also after a pause', async () => {
    const further = { kind: 'resume', run: 'vae-1', changes: { epochs: 60, learningRate: 1e-5 } } as const;
    const { id } = start(further);
    await settle();
    expect(processes.started[0]!.commands[0]).toMatchObject({ order: further });
    await say(processes.started[0]!, { type: 'run', run: 'vae-1' });
    processes.started[0]!.exit(1);
    jobs.resume(id);
    await settle();
    expect(processes.started[1]!.commands[0]).toMatchObject({ order: further });
  });

  it('is the only kind of job that can be paused', () => {
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

  it('of a host that closed normally, trainings continue and paused ones stay paused', async () => {
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

  it('a job that ran out of disk space can be resumed if it is a training, and has failed otherwise', async () => {
    const error = { code: 'disk-full', message: 'The disk is full.' };
    const [trained, drawn] = [start(), start(drawing)];
    for (const process of processes.started) await say(process, { type: 'failed', error });
    expect(now(trained.id)).toMatchObject({ state: 'interrupted', error });
    expect(now(drawn.id)).toMatchObject({ state: 'failed', error });
    for (const process of processes.started) process.exit(0);
    await settle();
    expect(jobs.resume(trained.id)).toMatchObject({ state: 'running' });
  });

  it('of a host that was killed, trainings are interrupted and other jobs have failed', async () => {
    const [trained, drawn, waiting] = [start(), start(drawing), start()];
    await eventually(() => expect(readFileSync(storedFile(), 'utf8')).toContain(waiting.id));
    await next();
    expect(now(trained.id)).toMatchObject({ state: 'interrupted' });
    expect(now(drawn.id)).toMatchObject({ state: 'failed' });
    // The way is free: what waited goes on.
    expect(now(waiting.id).state).toBe('running');
  });

  it('a list that cannot be read is renamed, and its new path is reported', async () => {
    const damaged = ['{"version":1,"jobs":[{"job":1}]}', '{', '{"version":2,"jobs":[]}', ''];
    for (const [i, text] of damaged.entries()) {
      writeFileSync(storedFile(), text);
      await next();
      expect(jobs.list()).toEqual([]);
      expect(troubles).toHaveLength(i + 1);
      const { path, message } = troubles[i] as UnravelError;
      expect(message).toContain(path);
      expect(readFileSync(path!, 'utf8')).toBe(text);
    }
    expect(readdirSync(workspace)).toHaveLength(damaged.length);
  });

  it.each([
    ['a folder', () => mkdirSync(storedFile())],
    ['a link', () => symlinkSync(join(folder, 'elsewhere.json'), storedFile())],
    ['larger than any list', () => writeFileSync(storedFile(), Buffer.alloc(2 ** 26 + 1))],
  ])('a list that is %s is renamed too, and the queue works', async (_what, make) => {
    writeFileSync(join(folder, 'elsewhere.json'), '{"version":1,"jobs":[]}');
    make();
    await next();
    expect(troubles).toHaveLength(1);
    const { id } = start();
    await eventually(() => expect(readFileSync(storedFile(), 'utf8')).toContain(id));
    expect(readdirSync(workspace)).toHaveLength(2);
    expect(readFileSync(join(folder, 'elsewhere.json'), 'utf8')).toBe('{"version":1,"jobs":[]}');
  });

  it.runIf(process.getuid?.() !== 0)('a list that this user may not read is renamed too', async () => {
    writeFileSync(storedFile(), '{}');
    chmodSync(storedFile(), 0);
    await next();
    expect(existsSync((troubles[0] as UnravelError).path!)).toBe(true);
  });

  it('a list that cannot be renamed is not overwritten, and that is reported once', async () => {
    writeFileSync(storedFile(), 'what somebody wrote');
    const taken = Array.from({ length: 100 }, (_, i) => join(workspace, `jobs.unreadable-${i + 1}.json`));
    for (const path of taken) writeFileSync(path, '');
    await next();
    const { id } = start();
    jobs.pause(id);
    await obey(processes.started[0]!);
    await jobs.close(10);
    expect(readFileSync(storedFile(), 'utf8')).toBe('what somebody wrote');
    expect(troubles).toEqual([expect.objectContaining({ path: storedFile(), code: 'conflict' })]);
  });

  it('no list is written where there were no jobs', async () => {
    await next();
    await jobs.close(10);
    expect(readdirSync(workspace)).toEqual([]);
  });

  it('a list that cannot be written is reported, and the jobs continue', async () => {
    rmSync(workspace, { recursive: true });
    writeFileSync(workspace, 'a file');
    const { id } = start();
    await eventually(() => expect(troubles.length).toBeGreaterThan(0));
    expect(now(id).state).toBe('running');
  });
});

describe('a process that has not exited yet', () => {
  it('keeps its place in the queue when its job is dismissed', async () => {
    const first = start();
    start();
    await say(processes.started[0]!, { type: 'done', result: { run: 'vae-1' } });
    processes.started[0]!.isStubborn = true;
    jobs.dismiss(first.id);
    await settle();
    expect(processes.started[0]!.isKilled).toBe(true);
    expect(states()).toEqual(['queued']);
    expect(jobs.pids).toEqual([processes.started[0]!.pid]);
    processes.started[0]!.exit(null, 'SIGKILL');
    await settle();
    expect(states()).toEqual(['running']);
  });

  it.each(['dismissed', 'cancelled'])('is waited for at the end when its job was %s', async (how) => {
    const { id } = start();
    const [process] = processes.started;
    process!.isStubborn = true;
    if (how === 'cancelled') jobs.cancel(id);
    else {
      await say(process!, { type: 'done', result: { run: 'vae-1' } });
      jobs.dismiss(id);
    }
    // What is to be written is on disk, so that nothing but the process is waited for.
    await eventually(() =>
      expect(JSON.parse(readFileSync(storedFile(), 'utf8'))).toMatchObject({
        jobs: how === 'cancelled' ? [{}] : [],
      }),
    );
    for (let i = 0; i < 100; i++) await settle();
    let isClosed = false;
    const closed = jobs.close(1).then(() => (isClosed = true));
    await eventually(() => expect(process!.isKilled).toBe(true));
    await settle();
    expect(isClosed).toBe(false);
    process!.exit(null, 'SIGKILL');
    await closed;
  });

  it('is followed by the next one when its training is resumed right after the crash', async () => {
    const { id } = start();
    await say(processes.started[0]!, { type: 'run', run: 'vae-1' });
    let isResumed = false;
    onEmit = (event, payload) => {
      if (isResumed || event !== 'job' || (payload as Job).state !== 'interrupted') return;
      isResumed = true;
      jobs.resume(id);
    };
    processes.started[0]!.exit(null, 'SIGKILL');
    await settle();
    expect(now(id).state).toBe('running');
    expect(processes.started).toHaveLength(2);
    expect(jobs.pids).toEqual([processes.started[1]!.pid]);
  });

  it('that exits twice does not end the one that follows it', async () => {
    const { id } = start();
    const [process] = processes.started;
    process!.exit(1);
    jobs.resume(id);
    process!.hasExited = false;
    process!.exit(1);
    await settle();
    expect(states()).toEqual(['running']);
    expect(jobs.pids).toEqual([processes.started[1]!.pid]);
  });

  it('is ended when it closes its channel', async () => {
    const { id } = start();
    processes.started[0]!.closeChannel();
    await settle();
    expect(processes.started[0]!.isKilled).toBe(true);
    expect(now(id).state).toBe('interrupted');
  });
});

describe('a list of jobs', () => {
  it('has at most a thousand jobs that have not ended', () => {
    for (let i = 0; i < 1000; i++) start();
    expect(() => start()).toThrow(expect.objectContaining({ code: 'conflict' }) as Error);
    jobs.cancel(jobs.list().at(-1)!.id);
    expect(start().state).toBe('queued');
  });
});
