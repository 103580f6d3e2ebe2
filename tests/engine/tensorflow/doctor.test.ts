import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { diagnose } from '../../../src/engine/tensorflow/doctor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-doctor-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('diagnose', () => {
  it('finds TensorFlow, and says why it does not use a GPU where it does not', async () => {
    const { tensorflow } = await diagnose(folder);
    if (!tensorflow.found) throw new Error(tensorflow.message);
    expect(tensorflow.version).toMatch(/^2\.\d+\.\d+/);
    if (tensorflow.device === 'gpu') expect(tensorflow.whyNotGpu).toBeNull();
    else expect(tensorflow.whyNotGpu).toMatch(/\w+ \w+/);
  });

  it('reports this process and this machine', async () => {
    const { node, cpu, memory } = await diagnose(folder);
    expect(node).toEqual({ version: process.versions.node, platform: process.platform, arch: process.arch });
    expect(cpu.cores).toBeGreaterThanOrEqual(1);
    expect(memory.totalBytes).toBeGreaterThan(memory.freeBytes);
    expect(memory.freeBytes).toBeGreaterThan(0);
    if (process.platform === 'linux' && process.arch === 'x64') expect(typeof cpu.avx512Bf16).toBe('boolean');
    else expect(cpu.avx512Bf16).toBeNull();
  });

  it('answers for a workspace that does not exist yet by the folder it would be made in', async () => {
    const path = join(folder, 'not', 'yet');
    const { workspace } = await diagnose(path);
    expect(workspace).toMatchObject({ path, exists: false, writable: true });
    expect(workspace.freeBytes).toBeGreaterThan(0);
    expect((await diagnose(folder)).workspace.exists).toBe(true);
  });

  it('does not take a file for a workspace', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await diagnose(file)).workspace.writable).toBe(false);
    expect((await diagnose(join(file, 'below'))).workspace.writable).toBe(false);
  });

  it('finds Electron where ELECTRON_OVERRIDE_DIST_PATH says it is, and says so when it is not there', async () => {
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', folder);
    const { electron: missing } = await diagnose(folder);
    expect(missing.found).toBe(false);
    expect(missing).toMatchObject({ message: expect.stringContaining(folder) as string });

    for (const name of ['electron', 'electron.exe', 'Electron.app/Contents/MacOS/Electron']) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), '');
    }
    writeFileSync(join(folder, 'version'), 'v45.4.1\n');
    const { electron } = await diagnose(folder);
    expect(electron.found).toBe(true);
    expect(electron).toMatchObject({ path: expect.stringContaining(folder) as string });
  });
});
