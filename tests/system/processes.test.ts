import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isStillRunning } from '../../src/system/processes.ts';

let child: ChildProcess;
beforeAll(() => {
  child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
});
afterAll(() => child.kill());

it('finds a process that wrote its note while running', async () => {
  expect(await isStillRunning(child.pid!, Date.now())).toBe(true);
  expect(await isStillRunning(process.pid, Date.now())).toBe(true);
});

it.skipIf(!existsSync('/proc/uptime'))('is not fooled by another process of the same number', async () => {
  expect(await isStillRunning(child.pid!, Date.now() - 3_600_000)).toBe(false);
});

it('misses a process that has ended', async () => {
  const ended = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => ended.on('close', resolve));
  expect(await isStillRunning(ended.pid!, Date.now())).toBe(false);
});
