import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunInfo } from '../../src/contract/run.ts';
import { createSampleFaces } from '../../src/engine/data/sample.ts';
import { openLockedDataset } from '../../src/engine/data/lock-dataset.ts';
import { builtEntry } from '../../src/engine/basics/entry.ts';
import { listRuns, METRICS_FILE, RUN_FILE, runFolder } from '../../src/engine/runs/store.ts';
import { openWorkspace, type Workspace } from '../../src/engine/basics/workspace.ts';
import { lockFolder } from '../../src/system/lock.ts';
import { lastLine, runHere, startCli, type Outcome, type Running } from './run-cli.ts';

const mayUnshare =
  process.getuid?.() === 0 && spawnSync('unshare', ['-p', '-f', '--mount-proc', 'true']).status === 0;

let kept: Workspace;
let workspace: Workspace;
let dataset: string;
let processes: ChildProcess[];

beforeAll(async () => {
  kept = openWorkspace(mkdtempSync(join(tmpdir(), 'unravel-locks-')));
  dataset = (await createSampleFaces(kept, { count: 60, seed: 1, name: 'faces' })).id;
});
afterAll(() => rmSync(kept.root, { recursive: true, force: true }));
beforeEach(() => {
  processes = [];
  workspace = kept;
});
afterEach(() => {
  for (const child of processes) child.kill('SIGKILL');
  rmSync(workspace.runs, { recursive: true, force: true });
});

const trainArgs = (epochs: number): string[] => [
  ...['train', dataset, '--model', 'vae', '--architecture', 'burgess', '--latent', '2', '--batch', '16'],
  ...['--epochs', String(epochs), '--name', 'first', '--json', '--workspace', workspace.root],
];
const here = (...argv: string[]): Promise<Outcome> =>
  runHere(...argv, '--json', '--workspace', workspace.root);

function start(argv: readonly string[]): Running {
  const running = startCli(argv);
  processes.push(running.process);
  return running;
}

const theRun = async (): Promise<RunInfo> => (await listRuns(workspace))[0]!;

/** Waits for the first checkpoint of the only run. */
async function untilTrained(): Promise<RunInfo> {
  return vi.waitUntil(
    async () => {
      const info = await theRun().catch(() => undefined);
      return info && info.epoch > 0 && info;
    },
    { timeout: 50_000, interval: 20 },
  );
}

/** A run that was stopped after its first epoch. @param epochs - that it is to have */
async function interruptedRun(epochs: number): Promise<RunInfo> {
  const training = start(trainArgs(epochs));
  await untilTrained();
  training.process.kill('SIGTERM');
  await training.ended;
  const info = await theRun();
  expect(info.state).toBe('interrupted');
  return info;
}

describe('a running training', () => {
  it('prevents that its run and data set are removed or trained twice, and names the run', async () => {
    const training = start(trainArgs(100_000));
    const { id } = await untilTrained();
    expect((await theRun()).state).toBe('running');
    for (const argv of [
      ['resume', id],
      ['runs', 'remove', id],
    ]) {
      const outcome = await here(...argv);
      expect(outcome.code).toBe(1);
      expect(lastLine(outcome)).toMatchObject({
        code: 'conflict',
        message: `The run ${id} is being trained.`,
      });
    }
    const removed = await here('data', 'remove', dataset);
    expect(removed.code).toBe(1);
    expect(lastLine(removed)).toMatchObject({
      code: 'conflict',
      message: `The run first (${id}) is being trained on this data set.`,
    });

    training.process.kill('SIGKILL');
    await training.ended;
    expect((await theRun()).state).toBe('interrupted');
    expect((await here('runs', 'remove', id)).code).toBe(0);
    expect(await listRuns(workspace)).toEqual([]);
  });

  it('is recognised by the lock that it holds, not by the state in its file', async () => {
    const { id } = await interruptedRun(100_000);
    const folder = runFolder(workspace, id);
    const stored = JSON.parse(readFileSync(join(folder, RUN_FILE), 'utf8')) as RunInfo;
    // A process that runs has the number: another one.
    writeFileSync(
      join(folder, RUN_FILE),
      JSON.stringify({ ...stored, state: 'running', pid: process.pid } satisfies RunInfo),
    );
    expect((await theRun()).state).toBe('interrupted');
    const lock = await lockFolder(folder);
    expect((await theRun()).state).toBe('running');
    lock!.release();
  });
});

describe('a training that was killed', () => {
  it.runIf(process.platform === 'linux')('is resumed while its process is a zombie', async () => {
    const program = `import { main } from ${JSON.stringify(pathToFileURL(builtEntry('cli')).href)};
      process.exitCode = await main(process.argv.slice(1));`;
    const command = ['--input-type=module', '-e', program, '--', ...trainArgs(3)];
    // This parent does not ask about its child, as the first process of a container often does not.
    const parent = spawn(
      'sh',
      ['-c', '"$@" & echo "pid $!"; exec sleep 600', 'sh', process.execPath, ...command],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    processes.push(parent);
    let text = '';
    parent.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    const { id } = await untilTrained();
    const pid = Number(/pid (\d+)/.exec(text)![1]);
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(async () => (await theRun()).state === 'interrupted', { timeout: 30_000 });
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /);
    const resumed = await start(['resume', id, '--json', '--workspace', workspace.root]).ended;
    expect(lastLine(resumed)).toMatchObject({ event: 'done', run: id, epochs: 3 });
  });

  it.runIf(mayUnshare)(
    'is resumed where another process has its number, and removed (two containers; root alone can make them)',
    async () => {
      const file = join(workspace.root, 'command.mjs');
      writeFileSync(
        file,
        `import { main } from ${JSON.stringify(pathToFileURL(builtEntry('cli')).href)};
         process.exitCode = await main(process.argv.slice(2));`,
      );
      /** As the second process of a new container: its number is the same each time. */
      const inContainer = (argv: readonly string[]): ChildProcess => {
        const script = '"$@" & wait $!';
        const args = ['-p', '-f', '--mount-proc', '--kill-child', 'sh', '-c', script, 'sh'];
        const child = spawn('unshare', [...args, process.execPath, file, ...argv], { stdio: 'ignore' });
        processes.push(child);
        return child;
      };
      const exit = (child: ChildProcess): Promise<number | null> =>
        new Promise((done) => child.once('exit', (code) => done(code)));

      const training = inContainer(trainArgs(3));
      const { id, pid } = await untilTrained();
      expect(pid).toBe(2);
      training.kill('SIGKILL');
      await vi.waitUntil(async () => (await theRun()).state === 'interrupted', { timeout: 30_000 });
      expect(await exit(inContainer(['resume', id, '--workspace', workspace.root]))).toBe(0);
      expect(await theRun()).toMatchObject({ state: 'done', epoch: 3 });
      expect(await exit(inContainer(['runs', 'remove', id, '--workspace', workspace.root]))).toBe(0);
      expect(await listRuns(workspace)).toEqual([]);
    },
  );

  it('is resumed by only one of two commands at the same time', async () => {
    const { id } = await interruptedRun(3);
    const resume = ['resume', id, '--json', '--workspace', workspace.root];
    const outcomes = await Promise.all([start(resume).ended, start(resume).ended]);
    expect(outcomes.map(({ code }) => code).sort()).toEqual([0, 1]);
    const refused = outcomes.find(({ code }) => code === 1)!;
    expect(lastLine(refused)).toMatchObject({ event: 'failed', code: 'conflict' });
    const steps = readFileSync(join(runFolder(workspace, id), METRICS_FILE), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; step: number })
      .filter(({ event }) => event === 'step')
      .map(({ step }) => step);
    expect(steps).toEqual(Array.from(steps, (_, i) => i + 1));
    expect((await theRun()).state).toBe('done');
  });
});

describe('a data set', () => {
  it('is not removed while an evaluation or an encoding reads it', async () => {
    const reading = await openLockedDataset(workspace, dataset);
    const outcome = await here('data', 'remove', dataset);
    expect(lastLine(outcome)).toMatchObject({
      code: 'conflict',
      message: `The data set ${dataset} is being read by another job or command.`,
    });
    await reading.close();
    const other = (await createSampleFaces(workspace, { count: 5, seed: 1, name: 'other' })).id;
    const first = await openLockedDataset(workspace, other);
    await first.close();
    expect((await here('data', 'remove', other)).code).toBe(0);
    expect(existsSync(join(workspace.datasets, other))).toBe(false);
  });
});
