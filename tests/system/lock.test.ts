import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  isFileLocked,
  isFolderLocked,
  LOCK_FILE,
  lockFile,
  lockFolder,
  lockForRemoval,
} from '../../src/system/lock.ts';
import { bundleForNode } from '../fixtures/bundle-for-node.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

let module: string;
beforeAll(async () => {
  module = await bundleForNode(resolve('src/system/lock.ts'));
});
afterAll(() => rmSync(dirname(module), { recursive: true, force: true }));

let folder: string;
let path: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-lock-'));
  path = join(folder, LOCK_FILE);
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A program that takes the lock of the folder, says `held` or `refused`, and then stays until it is ended. */
function program(kind = 'exclusive'): string {
  return `
    import { existsSync } from 'node:fs';
    import { lockFolder } from ${JSON.stringify(module)};
    const [folder, start] = process.argv.slice(1);
    const cell = new Int32Array(new SharedArrayBuffer(4));
    while (start && !existsSync(start)) Atomics.wait(cell, 0, 0, 2);
    const lock = await lockFolder(folder, '${kind}');
    console.log(lock ? 'held' : 'refused');
    process.stdin.resume();`;
}

function startHolder(kind = 'exclusive', start = ''): { child: ChildProcess; said: Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(kind), '--', folder, start], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const said = new Promise<string>((done, fail) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => done(text.trim()));
    child.once('exit', () => fail(new Error('It ended without a word.')));
  });
  said.catch(() => undefined);
  return { child, said };
}

describe('a lock', () => {
  it('is held by one at a time, and is free when it is released', async () => {
    const lock = await lockFolder(folder);
    expect(lock).toBeDefined();
    expect(await lockFolder(folder)).toBeUndefined();
    expect(await lockFolder(folder, 'shared')).toBeUndefined();
    lock!.release();
    lock!.release();
    const next = await lockFolder(folder);
    expect(next).toBeDefined();
    next!.release();
  });

  it('that is shared is held by many, and by nobody exclusively', async () => {
    const [first, second] = [await lockFolder(folder, 'shared'), await lockFolder(folder, 'shared')];
    expect(first && second).toBeDefined();
    expect(await lockFolder(folder)).toBeUndefined();
    expect(isFolderLocked(folder)).toBe(false);
    first!.release();
    expect(await lockFolder(folder)).toBeUndefined();
    second!.release();
    (await lockFolder(folder))!.release();
  });

  it.skipIf(process.platform === 'win32')('is a file that only its owner may open, and is kept', async () => {
    const before = process.umask(0);
    try {
      (await lockFolder(folder))!.release();
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('is seen by others while it is held, and checking makes no file', async () => {
    expect(isFolderLocked(folder)).toBe(false);
    expect(existsSync(path)).toBe(false);
    const lock = await lockFolder(folder);
    expect(isFolderLocked(folder)).toBe(true);
    lock!.release();
    expect(isFolderLocked(folder)).toBe(false);
    expect(isFolderLocked(join(folder, 'gone'))).toBe(false);
  });

  it('can be taken while somebody checks repeatedly whether it is held', async () => {
    (await lockFolder(folder))!.release();
    const asking = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { isFolderLocked } from ${JSON.stringify(module)};
         console.log('asking');
         for (;;) isFolderLocked(${JSON.stringify(folder)});`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(asking);
    await once(asking.stdout, 'data');
    for (let i = 0; i < 300; i++) {
      const lock = await lockFolder(folder);
      expect(lock).toBeDefined();
      lock!.release();
    }
  });

  it('is held by exactly one of 40 processes that start where a file was left behind', async () => {
    writeFileSync(path, 'left behind');
    const start = join(folder, 'start');
    const all = Array.from({ length: 40 }, () => startHolder('exclusive', start));
    writeFileSync(start, '');
    const said = await Promise.all(all.map((holder) => holder.said));
    expect(said.filter((word) => word === 'held')).toHaveLength(1);
    expect(said.filter((word) => word === 'refused')).toHaveLength(39);
  });

  it.each(['exclusive', 'shared'])('(%s) ends when its process is killed', async (kind) => {
    const { child, said } = startHolder(kind);
    expect(await said).toBe('held');
    expect(await lockFolder(folder)).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
    (await lockFolder(folder))!.release();
  });

  it.runIf(isLinux)('ends with a process that its parent does not ask about (a zombie)', async () => {
    const script = `"$@" <&- & echo "pid $!"; exec sleep 600`;
    const args = ['-c', script, 'sh', process.execPath, '--input-type=module', '-e'];
    const stay = program().replace('process.stdin.resume();', 'setInterval(() => undefined, 1000);');
    const parent = spawn('sh', [...args, stay, '--', folder, ''], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(parent);
    let text = '';
    parent.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    await vi.waitUntil(() => text.includes('held'), { timeout: 30_000 });
    const pid = Number(/pid (\d+)/.exec(text)![1]);
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')), { timeout: 30_000 });
    process.kill(pid, 0);
    // Its other threads end a moment later than the first, and its files with the last of them.
    await vi.waitUntil(() => !isFolderLocked(folder), { timeout: 30_000 });
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /);
    (await lockFolder(folder))!.release();
  });

  it('of a folder that was removed and made again is that of the new folder', async () => {
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    const old = await lockFolder(inner);
    renameSync(inner, join(folder, 'moved'));
    expect(isFolderLocked(join(folder, 'moved'))).toBe(true);
    mkdirSync(inner);
    const fresh = await lockFolder(inner);
    expect(fresh).toBeDefined();
    old!.release();
    expect(isFolderLocked(inner)).toBe(true);
    fresh!.release();
  });
});

describe('a lock that cannot be made', () => {
  it('reports that the folder does not exist', async () => {
    await expect(lockFolder(join(folder, 'gone'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(lockForRemoval(join(folder, 'gone'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it.skipIf(process.platform === 'win32')('refuses a link with a clear message', async () => {
    writeFileSync(join(folder, 'precious'), 'kept');
    symlinkSync('precious', path);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'bad-input',
      path,
      message: `Could not lock ${folder}: ${path} is a link.`,
    });
    symlinkSync('made', join(folder, 'dangling'));
    await expect(lockFile(join(folder, 'dangling'))).rejects.toThrow('is a link');
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });

  it('reports a folder or a pipe at its path, and does not wait for the pipe', async () => {
    mkdirSync(path);
    await expect(lockFolder(folder)).rejects.toThrow(`${path} is not a file`);
    if (spawnSync('mkfifo', [join(folder, 'pipe')]).status !== 0) return;
    for (const kind of ['exclusive', 'shared'] as const) {
      await expect(lockFile(join(folder, 'pipe'), kind)).rejects.toThrow('is not a file');
    }
    expect(typeof isFileLocked(join(folder, 'pipe'))).toBe('boolean');
  });

  it('does not prevent a removal where nobody can hold a lock', async () => {
    mkdirSync(path);
    expect(await lockForRemoval(folder)).toBeDefined();
  });

  it.skipIf(process.platform === 'win32')(
    'makes no file in the target of a link that is removed',
    async () => {
      const target = mkdtempSync(join(tmpdir(), 'unravel-lock-'));
      symlinkSync(target, join(folder, 'link'));
      expect(await lockForRemoval(join(folder, 'link'))).toBeDefined();
      expect(existsSync(join(target, LOCK_FILE))).toBe(false);
      rmSync(target, { recursive: true });
    },
  );

  it('does not change an existing file at its path', async () => {
    writeFileSync(join(folder, 'precious'), 'kept');
    linkSync(join(folder, 'precious'), path);
    (await lockFolder(folder))!.release();
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('kept');
  });

  it.skipIf(process.platform === 'win32' || isRoot)(
    'reports that this user may not write there (not for root, who may write anywhere)',
    async () => {
      chmodSync(folder, 0o500);
      try {
        await expect(lockFolder(folder)).rejects.toThrow(`this user may not write ${path}`);
      } finally {
        chmodSync(folder, 0o700);
      }
    },
  );

  it.runIf(isLinux && isRoot)("names another user's file in its place (root alone can try)", async () => {
    (await lockFolder(folder))!.release();
    chmodSync(folder, 0o777);
    // The bundled module and the package must be readable to the other user, too.
    chmodSync(dirname(module), 0o755);
    const result = asOther(`
      const { lockFolder, isFolderLocked } = await import(${JSON.stringify(module)});
      console.log(isFolderLocked(${JSON.stringify(folder)}));
      await lockFolder(${JSON.stringify(folder)}).catch((error) => console.log(error.message));`);
    expect(result).toBe(`true\nCould not lock ${folder}: this user may not write ${path}.\n`);
  });

  /** The packages are loaded before the user changes: a clone in root's home cannot be read by another. */
  function asOther(work: string): string {
    const script = `await import(${JSON.stringify(module)}); process.setgid(65534); process.setuid(65534); ${work}`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return stdout;
  }

  it.runIf(isLinux && isRoot)('reports a read-only disk (only root can make one)', async ({ skip }) => {
    const disk = mount(['-t', 'tmpfs', 'none']);
    if (!disk) return skip('nothing may be mounted here');
    try {
      mkdirSync(join(disk, 'old'));
      (await lockFolder(join(disk, 'old')))!.release();
      expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0);
      await expect(lockFolder(disk)).rejects.toThrow('its disk is read-only');
      await expect(lockFolder(join(disk, 'old'))).rejects.toThrow('its disk is read-only');
      expect(isFolderLocked(join(disk, 'old'))).toBe(false);
      (await lockFolder(join(disk, 'old'), 'shared'))!.release();
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it.runIf(isLinux && isRoot)(
    'names a full disk, which can still be emptied (root alone can make one)',
    async ({ skip }) => {
      const disk = mount(['-t', 'tmpfs', '-o', 'nr_inodes=3', 'none']);
      if (!disk) return skip('nothing may be mounted here');
      try {
        writeFileSync(join(disk, 'a'), '');
        writeFileSync(join(disk, 'b'), '');
        await expect(lockFolder(disk)).rejects.toMatchObject({ code: 'disk-full' });
        expect(await lockForRemoval(disk)).toBeDefined();
      } finally {
        spawnSync('umount', [disk]);
      }
    },
  );

  /** @returns undefined where this container may not mount */
  function mount(args: readonly string[]): string | undefined {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    return spawnSync('mount', [...args, disk]).status === 0 ? disk : undefined;
  }
});
