import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Client } from '../../src/contract/client.ts';
import type { Job } from '../../src/contract/job.ts';
import { listRuns, RUN_FILE } from '../../src/engine/runs/store.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { socketPort } from '../../src/contract/socket-port.ts';
import { jsonLines, startCli, type Running } from '../cli/run-cli.ts';
import { conformanceCases } from '../contract/conformance.ts';
import { smallConfig } from '../host/samples.ts';
import { eventually } from '../fixtures/eventually.ts';
import { connectSocket } from './connect-socket.ts';
import { isOwnRun } from '../fixtures/starters.ts';

let workspace: string;
let running: Running[];
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'unravel-serve-'));
  running = [];
});
afterEach(async () => {
  for (const { process, ended } of running) {
    if (process.exitCode === null) process.kill('SIGKILL');
    await ended;
  }
  rmSync(workspace, { recursive: true, force: true });
});

/** Starts `unravel serve` as the build has it, and waits for its address. */
async function serve(...args: string[]): Promise<{ url: string; cli: Running }> {
  let found: (url: string) => void;
  const url = new Promise<string>((resolve) => (found = resolve));
  const cli = startCli(['serve', '--json', '--workspace', workspace, ...args], {
    onOutput: (stdout) => {
      const line = stdout.split('\n').find((one) => one.includes('"serving"'));
      if (line) found((JSON.parse(line) as { url: string }).url);
    },
  });
  running.push(cli);
  const failed = cli.ended.then((outcome) => Promise.reject(new Error(outcome.stdout + outcome.stderr)));
  failed.catch(() => undefined);
  return { url: await Promise.race([url, failed]), cli };
}

function openPort(url: string): Promise<ReturnType<typeof socketPort>> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(url);
    const port = socketPort(socket);
    socket.once('open', () => resolve(port));
    socket.once('error', reject);
  });
}

async function connect(url: string): Promise<Client> {
  return createClient(await openPort(url));
}

/** The numbers of a process's children; none where it has ended meanwhile. */
function childrenOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return '';
  }
}

/** The processes whose parent a process is, and theirs. */
function descendants(pid: number): number[] {
  const children = childrenOf(pid).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function until(client: Client, isIt: (job: Job) => boolean): Promise<Job> {
  return new Promise((resolve) => {
    client.on('job', (job) => {
      if (isIt(job)) resolve(job);
    });
  });
}

async function drawFaces(client: Client, count: number): Promise<string> {
  const done = until(client, ({ state }) => state === 'done');
  await client.request('jobs.start', { kind: 'sample-data', what: 'faces', count, seed: 1 });
  return (await done).result!.dataset!;
}

describe('unravel serve', () => {
  it('fulfils the contract with its real engine and real jobs, case by case', async () => {
    const { url } = await serve();
    for (const one of conformanceCases) await one.run(() => openPort(url));
  });

  it('serves the built window at the address it prints', async () => {
    const { url } = await serve('--port', '0');
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Unravel</title>');
    expect(page.headers.get('set-cookie')).toBe(null);
    await expect(connect(new URL('/', url).href)).rejects.toThrow('401');
  });

  it('stops at Ctrl-C: the training keeps a checkpoint and continues at the next start', async () => {
    const first = await serve();
    const client = await connect(first.url);
    const dataset = await drawFaces(client, 200);
    const steps = new Promise((resolve) =>
      client.on('step', ({ step }) => (step >= 2 ? resolve(step) : undefined)),
    );
    const config = { ...smallConfig, epochs: 1000, batchSize: 16 };
    await client.request('jobs.start', { kind: 'train', dataset, config });
    await steps;
    first.cli.process.kill('SIGINT');
    const outcome = await first.cli.ended;
    expect(outcome.code).toBe(0);
    expect(jsonLines(outcome).map(({ event }) => event)).toEqual(['serving', 'done']);

    const { url } = await serve();
    const next = await connect(url);
    const [job] = await next.request('jobs.list', {});
    expect(job).toMatchObject({ state: 'running', request: { kind: 'train' } });
    const [run] = await next.request('runs.list', {});
    expect(run).toMatchObject({ id: job!.run });
    expect(run!.step).toBeGreaterThanOrEqual(2);
    const further = new Promise<number>((resolve) => next.on('step', ({ step }) => resolve(step)));
    expect(await further).toBeGreaterThan(run!.step);
    // For good this time.
    const ended = until(next, ({ state }) => state === 'cancelled');
    await next.request('jobs.cancel', { job: job!.id });
    await ended;
  });

  it('continues when its engine is killed, and a killed training can be resumed', async () => {
    const { url, cli } = await serve();
    const client = await connect(url);
    const dataset = await drawFaces(client, 200);
    const [engine] = descendants(cli.process.pid!);
    const heard: string[] = [];
    client.on('engine', ({ state }) => heard.push(state));
    process.kill(engine!, 'SIGKILL');
    const images = await client.request('datasets.images', { dataset, indices: [0, 1] });
    expect(images.shape).toEqual([2, 64, 64, 3]);
    expect(heard).toEqual(['restarting', 'ready']);

    const before = new Set(descendants(cli.process.pid!));
    const stepped = new Promise((resolve) => client.on('step', resolve));
    await client.request('jobs.start', { kind: 'train', dataset, config: { ...smallConfig, epochs: 2 } });
    await stepped;
    const interrupted = until(client, ({ state }) => state === 'interrupted');
    const [trainer] = descendants(cli.process.pid!).filter((pid) => !before.has(pid));
    process.kill(trainer!, 'SIGKILL');
    const { id, error } = await interrupted;
    expect(error?.message).toContain('SIGKILL');
    const done = until(client, ({ state }) => state === 'done');
    await client.request('jobs.resume', { job: id });
    const { run } = await done;
    const runs = await client.request('runs.list', {});
    expect(runs.find((one) => one.id === run)).toMatchObject({ state: 'done', epoch: 2 });
  });

  it.each([['SIGTERM'], ['SIGHUP']] as const)(
    'stops where %s reaches all of its processes at once: the training keeps a checkpoint',
    async (signal) => {
      const { url, cli } = await serve();
      const client = await connect(url);
      const dataset = await drawFaces(client, 200);
      const stepped = new Promise((resolve) => client.on('step', resolve));
      await client.request('jobs.start', {
        kind: 'train',
        dataset,
        config: { ...smallConfig, epochs: 100_000 },
      });
      await stepped;
      // As a service manager does it, and those first that have the most to lose.
      for (const pid of [...descendants(cli.process.pid!).reverse(), cli.process.pid!])
        process.kill(pid, signal);
      expect((await cli.ended).code).toBe(0);
      const [run] = await listRuns(openWorkspace(workspace));
      expect(run).toMatchObject({ state: 'interrupted', step: expect.any(Number) as number });
      expect(run!.step).toBeGreaterThan(0);
    },
  );

  it('leaves no process behind when it is killed itself, and the training keeps a checkpoint', async () => {
    const { url, cli } = await serve();
    const client = await connect(url);
    const dataset = await drawFaces(client, 200);
    const stepped = new Promise((resolve) => client.on('step', resolve));
    await client.request('jobs.start', { kind: 'train', dataset, config: { ...smallConfig, epochs: 1000 } });
    await stepped;
    const pids = descendants(cli.process.pid!);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    cli.process.kill('SIGKILL');
    await eventually(() => expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]));
    const runs = openWorkspace(workspace).runs;
    const [id] = readdirSync(runs).filter((id) => /^vae-/.test(id) && isOwnRun({ id }));
    const text = readFileSync(join(runs, id!, RUN_FILE), 'utf8');
    // It says so itself: of a training that had only died the file would still say that it runs.
    expect(text).toContain('"state": "interrupted"');
    expect(text).toMatch(/"step": [1-9]/);
    const { url: again } = await serve();
    const next = await connect(again);
    expect(await next.request('jobs.list', {})).toMatchObject([{ state: 'interrupted' }]);
  });

  it('reports why it cannot start: a port in use, a workspace in use', async () => {
    const { url } = await serve();
    const second = startCli(['serve', '--json', '--workspace', workspace]);
    running.push(second);
    const outcome = await second.ended;
    expect(outcome.code).toBe(1);
    expect(jsonLines(outcome)).toMatchObject([{ event: 'failed', code: 'conflict' }]);
    const third = startCli([
      'serve',
      '--json',
      '--workspace',
      join(workspace, 'other'),
      '--port',
      new URL(url).port,
    ]);
    running.push(third);
    expect(jsonLines(await third.ended)).toMatchObject([
      { event: 'failed', code: 'conflict', message: expect.stringContaining('in use') as string },
    ]);
  });
});
