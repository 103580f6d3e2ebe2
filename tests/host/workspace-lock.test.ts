import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockWorkspace, workspaceAddress } from '../../src/host/workspace-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a workspace', () => {
  it('belongs to one host at a time, under whatever name', async () => {
    const workspace = join(folder, 'made');
    const lock = await lockWorkspace(workspace);
    const conflict = { code: 'conflict', hint: expect.stringContaining('--workspace') as string };
    await expect(lockWorkspace(workspace)).rejects.toMatchObject(conflict);
    symlinkSync(workspace, join(folder, 'alias'));
    await expect(lockWorkspace(join(folder, 'alias'))).rejects.toMatchObject(conflict);
    const other = await lockWorkspace(folder);
    await lock.release();
    const next = await lockWorkspace(workspace);
    await Promise.all([next.release(), other.release()]);
  });

  it('is free again when its host was killed', async () => {
    const program = join(folder, 'holder.mjs');
    const address = workspaceAddress(folder);
    writeFileSync(
      program,
      `import { createServer } from 'node:net';
       createServer().listen(${JSON.stringify(address)}, () => process.send('held'));`,
    );
    const holder = fork(program, { execArgv: [] });
    await new Promise((resolve) => holder.once('message', resolve));
    await expect(lockWorkspace(folder)).rejects.toMatchObject({ code: 'conflict' });
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await gone;
    const lock = await lockWorkspace(folder);
    await lock.release();
  });

  it('that is a file, or lies where nobody may write, is refused with a sentence', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of ['file', 'file/below']) {
      await expect(lockWorkspace(join(folder, path))).rejects.toMatchObject({ code: 'bad-input' });
    }
  });
});
