import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, cloneLock, makeOnce } from '../../scripts/setup/cache.mjs';
import { withLock } from '../../scripts/setup/lock.mjs';

const lockModule = new URL('../../scripts/setup/lock.mjs', import.meta.url).href;
const cacheModule = new URL('../../scripts/setup/cache.mjs', import.meta.url).href;

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'unravel-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

/**
 * A process that makes `cache/thing`, writing `began` once it is at it, and `waiting` where another one is.
 *
 * @param others - how many must be waiting for it before it goes on with the second half
 */
function maker(others: number): ChildProcess {
  const script = `
    import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { makeOnce } from ${JSON.stringify(cacheModule)};
    const waiting = ${JSON.stringify(join(cache, 'waiting'))};
    appendFileSync(waiting, '');
    await makeOnce(${JSON.stringify(join(cache, 'thing'))}, async (temporary) => {
      appendFileSync(${JSON.stringify(join(cache, 'began'))}, 'x');
      writeFileSync(temporary + '/half', 'half');
      while (readFileSync(waiting, 'utf8').length < ${others}) await sleep(10);
      writeFileSync(temporary + '/whole', 'whole');
    }, { onWait: () => appendFileSync(waiting, 'x') });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
}

describe('cacheFolder', () => {
  it("is the system's cache folder unless UNRAVEL_CACHE names another", () => {
    expect(cacheFolder({}, 'linux', '/home/a')).toBe(join('/home/a', '.cache', 'unravel'));
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe(join('/x', 'unravel'));
    expect(cacheFolder({}, 'darwin', '/Users/a')).toBe(join('/Users/a', 'Library', 'Caches', 'unravel'));
    expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32', '/a')).toBe(join('/local', 'unravel', 'Cache'));
    expect(cacheFolder({ UNRAVEL_CACHE: '/mine', XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe('/mine');
  });
});

describe('makeOnce', () => {
  it('makes an entry once when three processes ask for it at the same time', async () => {
    const codes = await Promise.all([maker(2), maker(2), maker(2)].map((child) => once(child, 'close')));
    expect(codes.map(([code]) => code as number)).toEqual([0, 0, 0]);
    expect(readFileSync(join(cache, 'began'), 'utf8')).toBe('x');
    expect(readdirSync(cache).sort()).toEqual(['began', 'locks', 'thing', 'waiting']);
    expect(readdirSync(join(cache, 'thing')).sort()).toEqual(['half', 'whole']);
  });

  it('leaves no partial entry when its process is killed, and does not delay the next one', async () => {
    const killed = maker(Infinity);
    while (!existsSync(join(cache, 'began'))) await sleep(10);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    expect(existsSync(join(cache, 'thing'))).toBe(false);

    expect((await once(maker(0), 'close'))[0]).toBe(0);
    expect(readdirSync(cache).sort()).toEqual(['began', 'locks', 'thing', 'waiting']);
    expect(readdirSync(join(cache, 'thing')).sort()).toEqual(['half', 'whole']);
  });

  it('leaves no files behind when the work fails', async () => {
    const failing = makeOnce(join(cache, 'thing'), (temporary: string) => {
      writeFileSync(join(temporary, 'half'), '');
      return Promise.reject(new Error('no more'));
    });
    await expect(failing).rejects.toThrow('no more');
    expect(readdirSync(cache)).toEqual(['locks']);
  });
});

describe('withLock', () => {
  const lock = () => join(cache, 'lock');

  /** A process that works under the lock, where two at once would meet. Its exit code says whether they did. */
  function worker(path: string, after = ''): ChildProcess {
    const script = `
      import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
      import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
      import { withLock } from ${JSON.stringify(lockModule)};
      while (!existsSync(${JSON.stringify(join(cache, 'start'))})) await sleep(2);
      for (let i = 0; i < 3; i++) {
        await withLock(${JSON.stringify(path)}, async () => {
          mkdirSync(${JSON.stringify(join(cache, 'inside'))});
          ${after}
          for (let turn = 0; turn < 100; turn++) await nextTurn();
          rmdirSync(${JSON.stringify(join(cache, 'inside'))});
        });
      }`;
    return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  }

  it.each(['a file that was left behind', 'a folder'])(
    'lets one of ten processes in at a time, where its path is %s',
    async (what) => {
      if (what === 'a folder') mkdirSync(lock());
      else writeFileSync(lock(), 'left behind');
      const all = Array.from({ length: 10 }, () => once(worker(lock()), 'close'));
      writeFileSync(join(cache, 'start'), '');
      expect((await Promise.all(all)).map(([code]) => code as number)).toEqual(Array(10).fill(0));
    },
  );

  it('is released when its holder is killed', async () => {
    writeFileSync(join(cache, 'start'), '');
    const holder = worker(lock(), 'await sleep(600_000);');
    while (!existsSync(join(cache, 'inside'))) await sleep(5);
    holder.kill('SIGKILL');
    await once(holder, 'close');
    expect(await withLock(lock(), () => Promise.resolve('done'))).toBe('done');
  });

  it.runIf(process.platform !== 'win32')(
    'is kept, after its holder was killed, by the program that the holder started with it',
    async () => {
      const script = `
        import { run } from ${JSON.stringify(new URL('../../scripts/setup/commands.mjs', import.meta.url).href)};
        import { withLock } from ${JSON.stringify(lockModule)};
        await withLock(${JSON.stringify(lock())}, (held) =>
          run('sh', ['-c', 'mkdir "$0"; until test -e "$1"; do sleep 0.02; done', ${JSON.stringify(join(cache, 'inside'))}, ${JSON.stringify(join(cache, 'go'))}], { held }));`;
      const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
      while (!existsSync(join(cache, 'inside'))) await sleep(5);
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      const order: string[] = [];
      const next = withLock(lock(), () => Promise.resolve(order.push('in')), {
        onWait: () => {
          order.push('waiting');
          writeFileSync(join(cache, 'go'), '');
        },
      });
      await next;
      expect(order).toEqual(['waiting', 'in']);
    },
  );

  it('waits for a running holder, and reports that once', async () => {
    const order: string[] = [];
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const first = withLock(lock(), async () => {
      begin();
      await ended;
      order.push('first');
    });
    await begun;
    const onWait = () => {
      order.push('waiting');
      end();
    };
    await withLock(lock(), () => Promise.resolve(order.push('second')), { onWait });
    await first;
    expect(order).toEqual(['waiting', 'first', 'second']);
  });

  it.runIf(process.platform !== 'win32')("is one for a clone, whoever's cache is used", () => {
    expect(cloneLock('/mine', cache)).toBe(cloneLock('/yours', cache));
  });
});
