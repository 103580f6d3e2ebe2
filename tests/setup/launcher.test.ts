import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const clone = resolve(import.meta.dirname, '../..');

function node(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

describe('the launcher', () => {
  it('writes nothing to standard error from set-up or TensorFlow when all is well', () => {
    const launcher = join(clone, 'scripts/unravel.mjs');
    // The first may build, if a source was touched since.
    node(launcher, '--version');
    const { status, stdout, stderr } = node(launcher, 'doctor', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ event: 'done', tensorflow: { found: true } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('an installed package', () => {
  let installed: string;

  beforeAll(() => {
    installed = realpathSync(mkdtempSync(join(tmpdir(), 'unravel-installed-')));
    cpSync(join(clone, 'scripts'), join(installed, 'scripts'), { recursive: true });
    mkdirSync(join(installed, 'out/main'), { recursive: true });
    writeFileSync(join(installed, 'package.json'), JSON.stringify({ type: 'module' }));
    const entry = 'export async function main(argv) { console.log(argv.join()); return 2; }';
    writeFileSync(join(installed, 'out/main/cli.js'), entry);
  });
  afterAll(() => rmSync(installed, { recursive: true, force: true }));

  it("runs the built command at once, also through npm's link, and ends with its exit code", () => {
    const link = join(installed, 'unravel');
    symlinkSync(join(installed, 'scripts/unravel.mjs'), link);
    expect(node(link, 'a', '--b')).toMatchObject({ status: 2, stdout: 'a,--b\n', stderr: '' });
  });
});

describe('a path on the command line of npm', () => {
  let place: string;
  beforeAll(() => {
    place = realpathSync(mkdtempSync(join(tmpdir(), 'unravel-standing-')));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  /** A clone whose command says where it stands, what it was given, and what a folder below runs. */
  function makeClone(): string {
    const made = join(place, 'clone');
    cpSync(join(clone, 'scripts'), join(made, 'scripts'), { recursive: true });
    mkdirSync(join(made, 'out/main'), { recursive: true });
    const scripts = {
      unravel: 'node scripts/unravel.mjs',
      other: 'node scripts/other.mjs',
    };
    writeFileSync(join(made, 'package.json'), JSON.stringify({ type: 'module', name: 'made', scripts }));
    const entry = `import { resolve } from 'node:path';
      export async function main(argv) { console.log(argv.map((word) => resolve(word)).join()); }`;
    writeFileSync(join(made, 'out/main/cli.js'), entry);
    const other = `import { spawnSync } from 'node:child_process';
      spawnSync(process.execPath, ['scripts/unravel.mjs', 'x'], { stdio: 'inherit' });`;
    writeFileSync(join(made, 'scripts/other.mjs'), other);
    return made;
  }

  it("is relative to the person's current folder", () => {
    const made = makeClone();
    const photos = join(place, 'photos');
    mkdirSync(photos);
    const npm = (cwd: string, ...args: string[]): string =>
      spawnSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' }).stdout;
    expect(npm(photos, '--prefix', made, 'run', '-s', 'unravel', '--', '.', 'a/b')).toBe(
      `${photos},${join(photos, 'a/b')}\n`,
    );
    expect(npm(join(made, 'out'), 'run', '-s', 'unravel', '--', 'x')).toBe(`${join(made, 'out/x')}\n`);
    // A script that runs the command itself means its own folder.
    expect(npm(photos, '--prefix', made, 'run', '-s', 'other')).toBe(`${join(made, 'x')}\n`);
  });
});

describe('a clone whose set-up fails', () => {
  it('reports why in a sentence, or with --json in the last line', () => {
    const broken = mkdtempSync(join(tmpdir(), 'unravel-broken-'));
    try {
      cpSync(join(clone, 'scripts'), join(broken, 'scripts'), { recursive: true });
      mkdirSync(join(broken, 'src'));
      mkdirSync(join(broken, 'other'));
      writeFileSync(join(broken, 'other/package.json'), JSON.stringify({ name: 'other', version: '1.0.0' }));
      writeFileSync(join(broken, 'package.json'), JSON.stringify({ dependencies: { other: 'file:other' } }));
      writeFileSync(
        join(broken, 'package-lock.json'),
        JSON.stringify({ lockfileVersion: 3, packages: { '': {} } }),
      );
      const { status, stdout, stderr } = node(join(broken, 'scripts/unravel.mjs'), 'doctor', '--json');
      expect(status).toBe(1);
      expect(stderr).toContain('package.json and package-lock.json disagree');
      expect(stderr).not.toMatch(/^\s+at /m);
      const last: unknown = JSON.parse(stdout);
      expect(last).toMatchObject({ event: 'failed', message: expect.stringContaining('disagree') as string });
    } finally {
      rmSync(broken, { recursive: true, force: true });
    }
  });
});
