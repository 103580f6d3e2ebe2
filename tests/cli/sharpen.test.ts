import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, lastLine, runHere, type Outcome } from './run-cli.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', at('workspace'));

const small = ['--architecture', 'burgess', '--latent', '3', '--epochs', '1', '--batch', '16'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-sharpen-cli-'));
  await run('sample-data', 'faces', '--count', '40', '--name', 'faces');
  await run('train', 'faces', '--model', 'vae', ...small, '--name', 'first');
  await run('train', 'faces', '--model', 'vae-gan', ...small, '--name', 'gan');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('unravel sharpen', () => {
  it('makes a new run, and says what has become of sharpness and error', async () => {
    const outcome = await run('sharpen', 'first', '--epochs', '1', '--out', at('sheet.png'));
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(outcome.stdout).toMatch(/sharpness .* in the data; .* before, .* after, [\d.]+ times as much/);
    expect(outcome.stdout).toMatch(/squared error .* before, .* after/);
    expect((await stat(at('sheet.png'))).size).toBeGreaterThan(1000);
    const shown = await run('runs', 'show', 'first sharpened');
    expect(shown.stdout).toMatch(/Sharpened +from first/);
  });

  it('gives scripts the same numbers', async () => {
    const outcome = await run('sharpen', 'first', '--epochs', '1', '--name', 'second', '--json');
    const done = lastLine(outcome);
    expect(done).toMatchObject({ event: 'done', name: 'second', epochs: 1 });
    for (const part of ['data', 'before', 'after']) expect(done).toHaveProperty([part, 'sharpness', 'value']);
    expect(jsonLines(outcome).some(({ event }) => event === 'step')).toBe(true);
  });

  it.each([
    [['gan'], 'against a discriminator of images already'],
    [['first', '--adversarial', '-1'], '0 to 100'],
    [['first', '--lr', '5'], 'learningRate'],
  ])('refuses %s', async (argv, message) => {
    const outcome = await run('sharpen', ...argv);
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain(message);
  });
});
