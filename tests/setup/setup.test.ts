import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../scripts/setup/cache.mjs';
import { ensureSetup } from '../../scripts/setup.mjs';

const clone = resolve(import.meta.dirname, '../..');
const tfjs = join('node_modules', '@tensorflow', 'tfjs-node-gpu');

describe('ensureSetup', () => {
  it('does and prints nothing in a clone that is set up', async () => {
    await ensureSetup({ log: () => undefined });
    let said = '';
    await ensureSetup({ log: (text: string) => (said += text) });
    expect(said).toBe('');
  });
});

describe.runIf(process.getuid?.() === 0)('a clone that another user has set up (root alone can try)', () => {
  it('is refused by naming the folder of the clone, before anything is downloaded', () => {
    const theirs = mkdtempSync(join(tmpdir(), 'unravel-clone-'));
    const own = mkdtempSync(join(tmpdir(), 'unravel-own-'));
    try {
      for (const file of ['package.json', 'package-lock.json']) cpSync(join(clone, file), join(theirs, file));
      mkdirSync(join(theirs, 'node_modules'));
      chmodSync(theirs, 0o755);
      chownSync(own, 65534, 65534);
      const module = JSON.stringify(new URL('../../scripts/setup.mjs', import.meta.url).href);
      // Loaded first: a clone in root's home cannot be read by another user.
      const script = `const { ensureSetup } = await import(${module});
        process.setgid(65534);
        process.setuid(65534);
        await ensureSetup({ root: ${JSON.stringify(theirs)} }).catch((error) => console.log(error.message));`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, UNRAVEL_CACHE: own },
        encoding: 'utf8',
      });
      expect(stdout).toBe(
        `Could not set Unravel up: this user may not write in ${join(theirs, 'node_modules')}. ` +
          "Correct the folder's owner, or use a clone of your own, and run the command again.\n",
      );
    } finally {
      for (const folder of [theirs, own]) rmSync(folder, { recursive: true, force: true });
    }
  });
});

const cacheIsFilled =
  existsSync(cacheFolder()) && readdirSync(cacheFolder()).some((name) => name.startsWith('addon-'));

describe.runIf(cacheIsFilled)('a second clone (skipped where the cache is not in use)', () => {
  let second: string;

  /** The packages are this clone's, linked; only the one that the set-up writes to is copied, bare. */
  beforeAll(() => {
    second = mkdtempSync(join(tmpdir(), 'unravel-clone-'));
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(clone, file), join(second, file));
    mkdirSync(join(second, 'node_modules', '@tensorflow'), { recursive: true });
    linkAll('node_modules', ['@tensorflow', '.unravel-setup.json']);
    linkAll(join('node_modules', '@tensorflow'), ['tfjs-node-gpu']);
    const isBare = (path: string) => !/tfjs-node-gpu.(deps|lib|build-tmp)/.test(path);
    cpSync(join(clone, tfjs), join(second, tfjs), { recursive: true, filter: isBare });
  });
  afterAll(() => rmSync(second, { recursive: true, force: true }));

  function linkAll(folder: string, except: string[]): void {
    for (const name of readdirSync(join(clone, folder))) {
      if (!except.includes(name)) symlinkSync(join(clone, folder, name), join(second, folder, name));
    }
  }

  function setUp(): Promise<{ code: number | null; said: string }> {
    const module = JSON.stringify(new URL('../../scripts/setup.mjs', import.meta.url).href);
    const script = `import { ensureSetup } from ${module}; await ensureSetup({ root: ${JSON.stringify(second)} });`;
    return new Promise((done) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.on('close', (code) => done({ code, said }));
    });
  }

  it('is set up once, from the cache, by two set-ups at the same time', async () => {
    const both = await Promise.all([setUp(), setUp()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const all = both.map(({ said }) => said).join('');
    expect(all.match(/self-test/g)).toHaveLength(1);
    expect(all).toContain('cached');
    expect(all).toMatch(/TensorFlow 2\.\d+\.\d+ on the [CG]PU/);
    expect(all).not.toContain('once)');
    expect(readlinkSync(join(second, tfjs, 'deps/lib'))).toContain(cacheFolder());
  });

  it('does nothing more afterwards', async () => {
    expect(await setUp()).toEqual({ code: 0, said: '' });
  });

  it('restores an add-on that was deleted', async () => {
    rmSync(join(second, tfjs, 'lib'), { recursive: true });
    const { code, said } = await setUp();
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining('cached') as string });
    expect(existsSync(join(second, tfjs, 'lib/napi-v8/tfjs_binding.node'))).toBe(true);
  });
});
