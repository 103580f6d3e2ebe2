import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleForNode } from '../../../fixtures/bundle-for-node.ts';
import type { Outcome } from './hostile-child.ts';

let folder: string;
let program: string;
let outcome: Outcome;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-hostile-'));
  program = await bundleForNode(join(import.meta.dirname, 'hostile-child.ts'));
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const now = join(folder, 'now');
  const at = existsSync(now) ? readFileSync(now, 'utf8') : 'the beginning';
  if (code !== 0) throw new Error(`The process ended (${signal ?? code}) at ${at}: ${errors.slice(0, 2000)}`);
  outcome = JSON.parse(readFileSync(join(folder, 'outcome.json'), 'utf8')) as Outcome;
}, 600_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(dirname(program), { recursive: true, force: true });
});

it('there are at least 300 hostile and damaged files', () => {
  expect(outcome.opened.length).toBeGreaterThanOrEqual(300);
});

it('each is refused with a reason', () => {
  const wrong = outcome.opened.filter(
    ({ reason, complaint }) => reason === undefined || complaint !== undefined,
  );
  expect(wrong).toEqual([]);
});

it('classes and functions are refused by their names', () => {
  const reasons = outcome.opened.filter(({ name }) => name.startsWith('GLOBAL REDUCE of os.system'));
  expect(reasons).toHaveLength(3);
  for (const { reason } of reasons) expect(reason).toContain('it asks for os.system');
});

it('none is executed, and none leaves a run', async () => {
  expect(existsSync(join(folder, 'trace'))).toBe(false);
  expect(await readdir(join(folder, 'workspace', 'runs')).catch(() => [])).toEqual([]);
});

it('none takes 10 seconds of the processor, and all together less than 1 GB of memory', () => {
  expect(outcome.opened.filter(({ cpuSeconds }) => cpuSeconds > 10)).toEqual([]);
  expect(outcome.peakMegabytes).toBeLessThan(1000);
});
