import { existsSync, openSync, closeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo } from '../../src/contract/run.ts';
import { createSampleFaces } from '../../src/engine/data/sample.ts';
import { readCheckpoint } from '../../src/engine/runs/checkpoint.ts';
import { specOfRun } from '../../src/engine/runs/spec.ts';
import { openRunNamed } from '../fixtures/named.ts';
import { openWorkspace, type Workspace } from '../../src/engine/basics/workspace.ts';
import { lastLine, startCli, type Outcome } from './run-cli.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-ending-')));
  await createSampleFaces(workspace, { count: 200, seed: 5, name: 'faces' });
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));

/** A training that would go on for an hour. */
const training = (name: string): string[] => [
  ...['train', 'faces', '--model', 'vae', '--architecture', 'burgess', '--latent', '4', '--batch', '16'],
  ...['--epochs', '100000', '--name', name, '--workspace', workspace.root],
];

/** The run as its file says, and that its checkpoint is the one that it says. */
async function interruptedRun(name: string): Promise<RunInfo> {
  const { info, folder } = await openRunNamed(workspace, name);
  // `pid` is left out of a run whose process has said how it ended, and kept by one that was found dead.
  expect(info).toMatchObject({ state: 'interrupted', step: expect.any(Number) as number });
  expect(info.step).toBeGreaterThan(0);
  expect((await readCheckpoint(folder, specOfRun(info))).step).toBe(info.step);
  return info;
}

const hasStepped = (stdout: string): boolean => stdout.includes('"event":"step"');

describe('a signal', () => {
  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a training with a checkpoint and %i', async (signal, code) => {
    let isSent = false;
    const { ended } = startCli([...training(signal), '--json'], {
      onOutput(stdout, child) {
        if (isSent || !hasStepped(stdout)) return;
        isSent = true;
        child.kill(signal);
        // A closed terminal tells twice, and so does npm of a Ctrl-C.
        child.kill(signal);
      },
    });
    const outcome = await ended;
    const { id, step } = await interruptedRun(signal);
    expect(outcome.code).toBe(code);
    expect(lastLine(outcome)).toMatchObject({ event: 'failed', code: 'cancelled', run: id, step });
  });
});

describe('standard output', () => {
  const sentences = (name: string): string =>
    `Interrupted after step N (N epochs of 100000 complete); a checkpoint was written.\nResume it with: unravel resume ${name}-xxxx\n`;
  const plain = ({ stderr }: Outcome): string =>
    stderr
      .replaceAll(/-[0-9a-f]{8}$/gm, '-xxxx')
      .replace(/step \d+ \(\d+ epochs? /, 'step N (N epochs ')
      .replaceAll(/^Epoch .*\n/gm, '');

  it.each([[['--json']], [[]]])(
    'that its reader has closed ends a training with a checkpoint and exit code 141, as for SIGPIPE (%o)',
    async (options) => {
      const name = `closed${options.join('')}`;
      const { ended } = startCli([...training(name), ...options], {
        onOutput: (_, child) => child.stdout?.destroy(),
      });
      const outcome = await ended;
      await interruptedRun(name);
      expect(plain(outcome)).toBe(
        `Standard output was closed by the program that read it.\n${sentences(name.replace('--', '-'))}`,
      );
      expect(outcome.code).toBe(141);
    },
  );

  it.skipIf(!existsSync('/dev/full'))(
    'on a full disk ends a training with a checkpoint, a sentence and 1',
    async () => {
      const full = openSync('/dev/full', 'w');
      const { ended } = startCli([...training('full'), '--json'], { stdout: full });
      closeSync(full);
      const outcome = await ended;
      await interruptedRun('full');
      expect(plain(outcome)).toBe(
        `Could not write to standard output: the disk is full.\n${sentences('full')}`,
      );
      expect(outcome.code).toBe(1);
    },
  );

  it.skipIf(!existsSync('/dev/full')).each([[['--help']], [['runs', '--json']], [['data']]])(
    'on a full disk is told of by %o too, whose lines were lost',
    async (argv) => {
      const full = openSync('/dev/full', 'w');
      const { ended } = startCli(argv, { stdout: full, env: { UNRAVEL_WORKSPACE: workspace.root } });
      closeSync(full);
      expect(await ended).toEqual({
        code: 1,
        stdout: '',
        stderr: 'Could not write to standard output: the disk is full.\n',
      });
    },
  );

  it('that its reader has closed does not fail a command that has finished its work', async () => {
    const { ended } = startCli(['data', '--json'], {
      env: { UNRAVEL_WORKSPACE: workspace.root },
      onOutput: (_, child) => child.stdout?.destroy(),
    });
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});

it('a closed standard error does not end a training', async () => {
  let isSent = false;
  const { process: child, ended } = startCli(training('unheard'), {
    onOutput(stdout, running) {
      if (isSent || !/^ +2 /m.test(stdout)) return;
      isSent = true;
      // It says on standard error that it is stopping, and stops in order all the same.
      running.kill('SIGTERM');
    },
  });
  child.stderr!.destroy();
  const outcome = await ended;
  await interruptedRun('unheard');
  expect(outcome.code).toBe(143);
});
