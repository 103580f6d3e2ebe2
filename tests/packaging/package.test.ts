import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageApp } from '../../scripts/package/package-app.mjs';
import { electronUnderTest, root } from '../electron/harness/electron-under-test.ts';
import { codeOf, LIVE_FACE, pixelsOf, placeOnScatter } from '../electron/harness/explore-page.ts';
import { launch, type App } from '../electron/harness/launch.ts';
import { referenceEngine } from '../electron/harness/reference.ts';
import { makeHome } from '../electron/harness/unravel.ts';
import { tensor } from '../../src/contract/tensor.ts';

/** How a fuse is written in the program. */
const [OFF, ON] = ['0', '1'].map((letter) => letter.charCodeAt(0));
const electron = electronUnderTest();
const reason =
  'reason' in electron
    ? electron.reason
    : process.platform === 'linux'
      ? undefined
      : 'on this system it is packaged on the release machine';

interface ArchiveEntry {
  readonly files?: Readonly<Record<string, ArchiveEntry>>;
  readonly unpacked?: boolean;
  readonly integrity?: { readonly hash: string };
}

/** The files that an archive lists, and whether they lie in it or beside it. */
function filesInArchive(archive: string): { path: string; isBeside: boolean; hasIntegrity: boolean }[] {
  const bytes = readFileSync(archive);
  // Before its files an archive has a JSON text, and before that four numbers, the last of them its length.
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as ArchiveEntry;
  const list = (entry: ArchiveEntry, path: string): ReturnType<typeof filesInArchive> =>
    entry.files
      ? Object.entries(entry.files).flatMap(([name, child]) => list(child, join(path, name)))
      : [{ path, isBeside: entry.unpacked === true, hasIntegrity: entry.integrity !== undefined }];
  return list(header, '');
}

describe.skipIf(reason)(
  `the packaged app${reason ? ` (skipped: ${reason})` : ''}`,
  { timeout: 300_000 },
  () => {
    const output = mkdtempSync(join(tmpdir(), 'unravel-package-'));
    const unpacked = join(output, 'linux-unpacked');
    const executable = join(unpacked, 'unravel-app');
    const resources = join(unpacked, 'resources');
    const beside = join(resources, 'app.asar.unpacked');
    const home = makeHome();
    beforeAll(async () => {
      if ('reason' in electron) return;
      await packageApp({ root, electron, output, isDir: true });
    }, 600_000);
    afterAll(() => {
      rmSync(output, { recursive: true, force: true });
      home.remove();
    });

    it('holds what runs in Node, and no other package', () => {
      const packages = readdirSync(join(beside, 'node_modules')).flatMap((name) =>
        name.startsWith('@')
          ? readdirSync(join(beside, 'node_modules', name)).map((part) => `${name}/${part}`)
          : [name],
      );
      for (const name of ['@tensorflow/tfjs-node-gpu', '@napi-rs/canvas', 'valibot', 'ws'])
        expect(packages).toContain(name);
      for (const name of ['@tensorflow/tfjs', 'three', 'svelte', 'electron', 'vitest', 'core-js', 'tar'])
        expect(packages).not.toContain(name);
    });

    it('can load every package that its programs import', () => {
      const programs = join(beside, 'out', 'main');
      const files = readdirSync(programs, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.js'),
      );
      expect(files).toEqual(expect.arrayContaining(['engine.js', 'job.js', 'cli.js', 'import-worker.js']));
      const missing = files.flatMap((file) => {
        const { resolve } = createRequire(join(programs, file));
        const imports = readFileSync(join(programs, file), 'utf8').matchAll(
          /^import\s[^'"]*['"]([^'"./][^'"]*)['"]/gm,
        );
        return [...imports].flatMap(([, name = '']) => {
          if (name.startsWith('node:') || name === 'electron') return [];
          const path = resolve(name);
          return relative(beside, path).startsWith('..') ? [`${file}: ${name} from ${path}`] : [];
        });
      });
      expect(missing).toEqual([]);
    });

    it("holds the locks' add-on for this system alone, and loads it", () => {
      const { resolve } = createRequire(join(beside, 'out', 'main', 'cli.js'));
      const prebuilds = join(resolve('fs-native-extensions'), '..', 'prebuilds');
      expect(readdirSync(prebuilds)).toEqual([`${process.platform}-${process.arch}`]);
      const load = createRequire(import.meta.url) as (id: string) => unknown;
      expect(load(resolve('fs-native-extensions'))).toHaveProperty('tryLock');
    });

    it('holds licences of what it is made of', () => {
      const licences = readFileSync(join(resources, 'licences', 'LICENCES.txt'), 'utf8');
      for (const name of [
        'three ',
        'svelte ',
        '@napi-rs/canvas ',
        '@fontsource-variable/inter ',
        'TensorFlow ',
        'libheif-js ',
      ])
        expect(licences).toContain(`\n${name}`);
      expect(licences).toMatch(/Apache License\s+Version 2\.0/);
      expect(licences).toContain('SIL OPEN FONT LICENSE');
      expect(licences).toMatch(/GNU LESSER GENERAL PUBLIC LICENSE[^]*GNU GENERAL PUBLIC LICENSE/);
      // As files that may be replaced, which the LGPL asks for.
      const heif = join(beside, 'node_modules', 'libheif-js', 'libheif-wasm');
      expect(readdirSync(heif).sort()).toEqual(['LICENSE', 'libheif.js', 'libheif.wasm']);
      expect(existsSync(join(unpacked, 'LICENSES.chromium.html'))).toBe(true);
    });

    it("leaves out what is Electron's own or the tests'", () => {
      expect(readdirSync(resources).sort()).toEqual(['app.asar', 'app.asar.unpacked', 'bin', 'licences']);
      expect(existsSync(join(beside, 'src'))).toBe(false);
      for (const program of ['bench.js', 'fuzz.js', 'soak.js'])
        expect(existsSync(join(beside, 'out', 'main', program))).toBe(false);
    });

    it("covers the bridge by the archive's integrity and no more, as SECURITY.md says", () => {
      const files = filesInArchive(join(resources, 'app.asar'));
      expect(files.filter(({ isBeside }) => !isBeside).map(({ path }) => path)).toEqual([
        'LICENSE',
        'out/preload/index.cjs',
      ]);
      expect(files.filter(({ hasIntegrity }) => !hasIntegrity)).toEqual([]);
    });

    it.skipIf('isOld' in electron && electron.isOld)('has its fuses set', async () => {
      const fuses = await getCurrentFuseWire(executable);
      const off = [
        FuseV1Options.RunAsNode,
        FuseV1Options.EnableNodeOptionsEnvironmentVariable,
        FuseV1Options.EnableNodeCliInspectArguments,
        FuseV1Options.GrantFileProtocolExtraPrivileges,
      ];
      for (const fuse of off) expect(fuses[fuse], FuseV1Options[fuse]).toBe(OFF);
      for (const fuse of [FuseV1Options.EnableCookieEncryption, FuseV1Options.OnlyLoadAppFromAsar])
        expect(fuses[fuse], FuseV1Options[fuse]).toBe(ON);
    });

    it('starts, decodes a face, and ends when it is told to', async () => {
      if ('reason' in electron) return;
      const app: App = await launch({
        executable,
        env: electron.env,
        args: ['--workspace', home.workspace],
        profile: home.profile,
      });
      try {
        await app.page.find('img', 'Decoded from the live code');
        // The starter begins with its axes; the sliders of dimensions show the code itself.
        await app.page.click('radio', 'Dimensions');
        await app.page.clickAt(await placeOnScatter(app.page, 0.5, 0.5));
        const engine = referenceEngine(home.workspace);
        const run = (await engine['runs.list']({}))[0]!.id;
        const decoded = async (): Promise<string> => {
          const z = await codeOf(app.page);
          return (await engine['models.decode']({ run, z: tensor('f32', [1, z.length], z) })).data.join();
        };
        await app.page.until(
          'the face',
          async () => (await pixelsOf(app.page, LIVE_FACE)).join() === (await decoded()),
        );
        await app.page.screenshot('packaged');
        expect(app.page.complaints).toEqual([]);
      } finally {
        expect(await app.close()).toBe(true);
      }
    });

    it('has the command line beside it, which needs Node and nothing of the clone', async () => {
      const command = join(resources, 'bin', 'unravel');
      const options = { cwd: tmpdir(), env: { PATH: process.env['PATH'], HOME: home.workspace } };
      const { stdout } = await promisify(execFile)(command, ['doctor', '--json'], options);
      expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
        event: 'done',
        tensorflow: { found: true, device: 'cpu' },
      });
    });

    it('says that it needs Node where there is none', async () => {
      const command = join(resources, 'bin', 'unravel');
      const bare = promisify(execFile)('/bin/sh', [command, 'doctor'], { env: { PATH: '/nowhere' } });
      await expect(bare).rejects.toMatchObject({
        stderr: expect.stringContaining('Node 20.19 or newer') as string,
      });
    });
  },
);
