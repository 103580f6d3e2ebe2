import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECKPOINT_FILE, listRuns, runFolder } from '../../../src/engine/runs/store.ts';
import { readSafetensors } from '../../../src/engine/files/safetensors.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';

const launcher = join(import.meta.dirname, '../../../scripts/unravel.mjs');
const STEPS = 15;

let workspace: Workspace;
beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-kill-')));
  await createSampleFaces(workspace, { count: 200, seed: 5, name: 'faces' });
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));

/** Runs `unravel` in a process of its own; `onStep` may kill it. Ends with its exit code, null when killed. */
async function unravel(args: readonly string[], killAtStep = Infinity): Promise<number | null> {
  const child = spawn(process.execPath, [launcher, ...args, '--workspace', workspace.root, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    for (const match of chunk.toString().matchAll(/"event":"step","step":(\d+)/g)) {
      if (Number(match[1]) >= killAtStep) child.kill('SIGKILL');
    }
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      if (code) process.stderr.write(errors);
      resolve(code);
    });
  });
}

const training = [
  ...[
    'train',
    'faces',
    '--model',
    'beta-tcvae',
    '--architecture',
    'burgess',
    '--latent',
    '6',
    '--epochs',
    '3',
  ],
  ...['--batch', '32', '--lr', '1e-3', '--seed', '7', '--checkpoint-every', '4'],
];

async function tensorsOf(name: string): Promise<Map<string, unknown>> {
  const run = (await listRuns(workspace)).find((info) => info.name === name);
  const { tensors } = await readSafetensors(join(runFolder(workspace, run!.id), CHECKPOINT_FILE));
  return new Map([...tensors].map(([key, { data }]) => [key, data]));
}

it('a training killed three times at random moments ends, resumed, with the weights of one never stopped', async () => {
  expect(await unravel([...training, '--name', 'whole'])).toBe(0);
  // Random moments: inside epochs, near their ends, wherever the kill happens to land after the step's line.
  const moments = [2, 7, 11].map((from) => from + Math.floor(Math.random() * 4));
  expect(await unravel([...training, '--name', 'killed'], moments[0])).toBeNull();
  for (const moment of moments.slice(1)) {
    const code = await unravel(['resume', 'killed'], moment);
    expect(code, `kill at step ${moment} of ${STEPS}`).toBeNull();
    const run = (await listRuns(workspace)).find(({ name }) => name === 'killed')!;
    expect(run.state).toBe('interrupted');
  }
  const { id } = (await listRuns(workspace)).find(({ name }) => name === 'killed')!;
  const folder = runFolder(workspace, id);
  // What a process that is killed while it writes leaves; no process has this number.
  for (const name of ['checkpoint.safetensors', 'snapshots/epoch-0001.safetensors']) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(join(dirname(path), `.${basename(path)}.99999999.0123abcd.part`), 'half');
  }
  expect(await unravel(['resume', 'killed'])).toBe(0);
  expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await tensorsOf('killed')).toEqual(await tensorsOf('whole'));

  const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  const steps = lines
    .map((line) => JSON.parse(line) as { event: string; step: number })
    .filter((l) => l.event === 'step');
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
}, 300_000);
