import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePyTorchModel } from '../fixtures/pytorch-model.ts';
import { runHere, type Outcome } from './run-cli.ts';

let folder: string;
const run = (...argv: string[]): Promise<Outcome> =>
  runHere(...argv, '--workspace', join(folder, 'workspace'));
const sprites = (name: string): Promise<Outcome> =>
  run('sample-data', 'sprites', '--count', '20', '--seed', '1', '--name', name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-rename-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('data sets on the command line', () => {
  it('get a number where their name is taken, and are found by it', async () => {
    await sprites('shapes');
    expect((await sprites('shapes')).code).toBe(0);
    const shown = await run('data', 'show', 'shapes 2');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('shapes 2');
    expect((await run('data', 'show', 'shapes')).code).toBe(0);
  });

  it('are renamed, but not to a name that is taken', async () => {
    const refused = await run('data', 'rename', 'shapes 2', 'shapes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Another data set is already called shapes.');
    expect((await run('data', 'rename', 'shapes 2', 'others')).code).toBe(0);
    expect((await run('data', 'show', 'others')).code).toBe(0);
  });

  it('are exported into a zip that is imported again', async () => {
    const out = join(folder, 'shapes.zip');
    expect((await run('data', 'export', 'shapes', '--out', out)).stdout).toContain('Wrote 20 images');
    const imported = await run('import', out, '--crop', 'none', '--name', 'back', '--json');
    expect(imported.code).toBe(0);
    expect(imported.stdout).toContain('"images":20');
  });
});

describe('runs on the command line', () => {
  it('are renamed', async () => {
    const model = join(folder, 'VAE_celeba');
    await writePyTorchModel(model, 'burgess-32-1');
    expect((await run('import-model', model)).code).toBe(0);
    expect((await run('runs', 'rename', 'VAE_celeba', 'first')).code).toBe(0);
    expect((await run('runs', 'show', 'first')).code).toBe(0);
    expect((await run('runs', 'show', 'VAE_celeba')).code).toBe(1);
  });
});
