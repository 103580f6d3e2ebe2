import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockWorkspace } from '../../src/host/workspace-lock.ts';

// That a lock ends with its process, and that one of many starters gets it: tests/system/lock.test.ts.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a workspace', () => {
  it('belongs to one host at a time, by whichever path it is opened', async () => {
    const workspace = join(folder, 'made');
    const lock = await lockWorkspace(workspace);
    const conflict = { code: 'conflict', remedy: 'other-workspace' };
    await expect(lockWorkspace(workspace)).rejects.toMatchObject(conflict);
    symlinkSync(workspace, join(folder, 'alias'));
    await expect(lockWorkspace(join(folder, 'alias'))).rejects.toMatchObject(conflict);
    const other = await lockWorkspace(folder);
    lock.release();
    const next = await lockWorkspace(workspace);
    next.release();
    other.release();
  });

  it('is locked by a file of its own, and nothing is made elsewhere', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.endsWith('.sock'));
    const lock = await lockWorkspace(folder);
    expect(readdirSync(folder)).toEqual(['.lock']);
    expect(readdirSync(tmpdir()).filter((name) => name.endsWith('.sock'))).toEqual(before);
    lock.release();
  });

  it('on a read-only disk is shown by any number of hosts', async ({ skip }) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    if (
      process.getuid?.() !== 0 ||
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', disk]).status !== 0
    ) {
      return skip('only root can make such a disk, and not in every container');
    }
    try {
      const [one, other] = [await lockWorkspace(disk), await lockWorkspace(disk)];
      one.release();
      other.release();
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('that is a file, or where nothing may be written, is refused with a clear message', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of ['file', 'file/below']) {
      await expect(lockWorkspace(join(folder, path))).rejects.toMatchObject({ code: 'bad-input' });
    }
    mkdirSync(join(folder, '.lock'));
    await expect(lockWorkspace(folder)).rejects.toMatchObject({
      code: 'bad-input',
      path: join(folder, '.lock'),
    });
  });
});
