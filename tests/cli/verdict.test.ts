import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAdvice } from '../../src/cli/describe-verdict.ts';
import { aRun } from '../fixtures/infos.ts';
import { jsonLines, lastLine, runHere, type Outcome } from './run-cli.ts';

let folder: string;
const inWorkspace = (...argv: string[]): Promise<Outcome> =>
  runHere(...argv, '--workspace', join(folder, 'workspace'));

/** Trains for seconds on sprites, which a burgess model draws as their mean after a few dozen steps. */
const quick = ['--architecture', 'burgess', '--latent', '4', '--batch', '16', '--lr', '1e-3'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-verdict-'));
  await inWorkspace('sample-data', 'sprites', '--count', '160', '--name', 'shapes');
  await inWorkspace('sample-data', 'sprites', '--count', '80', '--seed', '2', '--name', 'others');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the end of a training', () => {
  it('is called a collapse, with the options that help, and leaves the exit code at 0', async () => {
    const train = ['train', 'shapes', '--model', 'beta-vae', '--beta', '500', ...quick, '--epochs', '4'];
    const { code, stdout } = await inWorkspace(...train, '--name', 'flat');
    expect(code).toBe(0);
    expect(stdout).toContain('Collapsed: 0 of 4 dimensions tell anything.');
    expect(stdout).toContain('train again with --beta 1.');
    expect((await inWorkspace('runs')).stdout).toContain('done, collapsed');
  });

  it('is called learning nothing where nothing was learned, also for scripts', async () => {
    const train = ['train', 'shapes', '--model', 'vae', ...quick, '--lr', '1e-9', '--epochs', '1'];
    const outcome = await inWorkspace(...train, '--name', 'still', '--json');
    expect(outcome.code).toBe(0);
    const done = lastLine(outcome);
    expect(done).toMatchObject({
      event: 'done',
      verdict: {
        kind: 'nothing',
        title: 'It has learned nothing',
        advice: { kind: 'train', config: { learningRate: 1e-3 } },
      },
    });
    const { reconstruction, meanImage } = done['heldOut'] as { reconstruction: number; meanImage: number };
    expect(reconstruction).toBeGreaterThan(meanImage);
    expect((await inWorkspace('runs', 'show', 'still')).stdout).toContain('done, learned nothing');
  });
});

describe('a training that was still improving', () => {
  it('is followed by the command that goes on with it', () => {
    const advice = { kind: 'continue', words: '60 epochs', reason: '', epochs: 60 } as const;
    expect(describeAdvice(aRun(), { kind: 'improving', title: '', text: '', advice })).toBe(
      'To do so: unravel resume run-1 --epochs 60',
    );
  });
});

describe('a data set that the model was not trained on', () => {
  it('is pointed out in one line beside the result, and its own is not', async () => {
    const encode = (data: string): string[] => [
      'encode',
      'flat',
      '--images',
      data,
      '--out',
      join(folder, 'codes.npy'),
    ];
    const { code, stderr } = await inWorkspace(...encode('others'));
    expect(code).toBe(0);
    expect(stderr.trim().split('\n')).toEqual([
      'flat was trained on shapes, not on others. Codes and reconstructions of images that differ from its own are unreliable.',
    ]);
    const forScripts = jsonLines(await inWorkspace(...encode('others'), '--json'));
    expect(forScripts.filter(({ event }) => event === 'warning')).toHaveLength(1);
    expect((await inWorkspace(...encode('shapes'))).stderr).toBe('');
  });
});
