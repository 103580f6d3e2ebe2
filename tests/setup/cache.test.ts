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
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, makeOnce, withLock } from '../../scripts/setup/cache.mjs';

const cacheModule = new URL('../../scripts/setup/cache.mjs', import.meta.url).href;

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'unravel-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

/** A process that makes `cache/thing` with one file, writing `began` once it is at it. */
function maker(pauseMs: number): ChildProcess {
  const script = `
    import { appendFileSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { makeOnce } from ${JSON.stringify(cacheModule)};
    await makeOnce(${JSON.stringify(join(cache, 'thing'))}, async (temporary) => {
      appendFileSync(${JSON.stringify(join(cache, 'began'))}, 'x');
      writeFileSync(temporary + '/half', 'half');
      await sleep(${pauseMs});
      writeFileSync(temporary + '/whole', 'whole');
    });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
}

describe('cacheFolder', () => {
  it("is the system's place for caches unless UNRAVEL_CACHE names another", () => {
    expect(cacheFolder({}, 'linux', '/home/a')).toBe(join('/home/a', '.cache', 'unravel'));
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe(join('/x', 'unravel'));
    expect(cacheFolder({}, 'darwin', '/Users/a')).toBe(join('/Users/a', 'Library', 'Caches', 'unravel'));
    expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32', '/a')).toBe(join('/local', 'unravel', 'Cache'));
    expect(cacheFolder({ UNRAVEL_CACHE: '/mine', XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe('/mine');
  });
});

describe('makeOnce', () => {
  it('makes a thing once when three processes ask for it at the same time', async () => {
    const codes = await Promise.all(
      [maker(300), maker(300), maker(300)].map((child) => once(child, 'close')),
    );
    expect(codes.map(([code]) => code as number)).toEqual([0, 0, 0]);
    expect(readFileSync(join(cache, 'began'), 'utf8')).toBe('x');
    expect(readdirSync(cache).sort()).toEqual(['began', 'thing']);
    expect(readdirSync(join(cache, 'thing')).sort()).toEqual(['half', 'whole']);
  });

  it('leaves nothing half made when its process is killed, and the next one goes ahead at once', async () => {
    const killed = maker(60_000);
    while (!existsSync(join(cache, 'began'))) await sleep(10);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    expect(existsSync(join(cache, 'thing'))).toBe(false);

    expect((await once(maker(0), 'close'))[0]).toBe(0);
    expect(readdirSync(cache).sort()).toEqual(['began', 'thing']);
    expect(readdirSync(join(cache, 'thing')).sort()).toEqual(['half', 'whole']);
  });

  it('leaves nothing behind when the work fails', async () => {
    const failing = makeOnce(join(cache, 'thing'), (temporary: string) => {
      writeFileSync(join(temporary, 'half'), '');
      return Promise.reject(new Error('no more'));
    });
    await expect(failing).rejects.toThrow('no more');
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('withLock', () => {
  it('takes over from a holder that died', async () => {
    const lock = join(cache, 'lock');
    const ended = spawn(process.execPath, ['-e', '']);
    await once(ended, 'close');
    mkdirSync(lock);
    writeFileSync(join(lock, 'holder.json'), JSON.stringify({ pid: ended.pid, host: hostname() }));
    expect(await withLock(lock, () => Promise.resolve('done'))).toBe('done');
    expect(existsSync(lock)).toBe(false);
  });

  it('waits for a holder that lives, and says so once', async () => {
    const lock = join(cache, 'lock');
    const order: string[] = [];
    const first = withLock(lock, async () => {
      await sleep(250);
      order.push('first');
    });
    while (!existsSync(lock)) await sleep(1);
    const onWait = () => order.push('waiting');
    await withLock(lock, () => Promise.resolve(order.push('second')), { onWait });
    await first;
    expect(order).toEqual(['waiting', 'first', 'second']);
  });
});
