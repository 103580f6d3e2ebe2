import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../../src/engine/basics/workspace.ts';
import { createSampleFaces } from '../../src/engine/data/sample.ts';
import { runHere, type Outcome } from './run-cli.ts';

let workspace: Workspace;
const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', workspace.root);

beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-sizes-')));
  await createSampleFaces(workspace, { count: 6, imageSize: 128, seed: 1, name: 'large' });
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));

it('shows how large the images of a data set are', async () => {
  expect((await run('data', 'show', 'large')).stdout).toContain('6, colour, 128×128');
  expect((await run('data', '--json')).stdout).toContain('"imageSize":128');
});

it('refuses to train on images of an unsupported size, and writes nothing', async () => {
  for (const architecture of ['paper', 'burgess']) {
    const { code, stderr } = await run('train', 'large', '--model', 'vae', '--architecture', architecture);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `The architecture ${architecture} takes images of 32×32 or 64×64 pixels, not of 128×128.`,
    );
    expect(stderr).toContain('Choose a data set with images of that size.');
  }
  expect((await readdir(workspace.runs).catch(() => [])).filter((name) => !name.startsWith('.'))).toEqual([]);
});
