import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkWorkspace } from '../../src/system/workspace.ts';
import { aRun } from '../host/samples.ts';
import { runHere } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'unravel-workspaces-'));
const file = join(folder, 'file');
writeFileSync(file, 'text');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commands = [
  ['runs'],
  ['data', 'show', 'faces'],
  ['sample-data', 'faces', '--count', '5'],
  ['import', folder],
  ['train', 'faces', '--model', 'vae'],
  ['runs', 'remove', 'first'],
  ['serve'],
  ['doctor'],
];

describe('a workspace whose own folder is a link', () => {
  it.each(['datasets', 'runs'])('is refused by every command: %s', async (name) => {
    const root = mkdtempSync(join(folder, 'linked-'));
    const target = mkdtempSync(join(folder, 'target-'));
    symlinkSync(target, join(root, name));
    for (const argv of commands) {
      const { code, stderr } = await runHere(...argv, '--workspace', root);
      expect([argv[0], code, stderr]).toEqual([
        argv[0],
        1,
        expect.stringContaining(`cannot be used, because ${join(root, name)} is a link`),
      ]);
    }
    expect(readdirSync(target)).toEqual([]);
  });

  it('is refused also where the link is broken', () => {
    const root = mkdtempSync(join(folder, 'dangling-'));
    symlinkSync(join(folder, 'nowhere'), join(root, 'runs'));
    expect(() => checkWorkspace(root)).toThrow('is a link');
  });
});

describe('an unusable workspace is refused by every command', () => {
  it.each(commands)('%s %s', async (...argv) => {
    expect(await runHere(...argv, '--workspace', file)).toEqual({
      code: 1,
      stdout: '',
      stderr: `The workspace ${file} is not a folder.\nName a folder as the workspace.\n`,
    });
    const below = join(file, 'a', 'b');
    expect(await runHere(...argv, '--workspace', below)).toEqual({
      code: 1,
      stdout: '',
      stderr: `The workspace ${below} cannot be made: ${file} is a file, not a folder.\nName another workspace.\n`,
    });
  });

  it.skipIf(process.getuid?.() !== 0)('one that this user may not read, too (for root, as another)', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    // The folder of the test must be open to the other user, the workspace not.
    chmodSync(folder, 0o755);
    chmodSync(closed, 0o700);
    process.seteuid!(65_534);
    try {
      expect(() => checkWorkspace(closed)).toThrow(
        `The workspace ${closed} cannot be opened: this user may not read it.`,
      );
    } finally {
      process.seteuid!(0);
    }
  });
});

const disk = join(folder, 'read-only');
mkdirSync(disk);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', disk]).status === 0;
afterAll(() => {
  if (isMounted) spawnSync('umount', [disk]);
});

describe.skipIf(!isMounted)('a read-only disk (skipped where this user may not mount one)', () => {
  it('is named by commands that would write, and commands that only read work', async () => {
    const workspace = ['--workspace', disk];
    expect((await runHere('sample-data', 'faces', '--count', '5', '--name', 'few', ...workspace)).code).toBe(
      0,
    );
    mkdirSync(join(disk, 'runs', 'gone'), { recursive: true });
    writeFileSync(join(disk, 'runs', 'gone', 'run.json'), JSON.stringify({ ...aRun('gone') }));
    expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0);
    const refused = async (...argv: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runHere(...argv, ...workspace);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      return stderr.replace(/-[0-9a-f]{6}:/, ':');
    };
    expect(await refused('sample-data', 'faces', '--count', '5', '--name', 'more')).toBe(
      `Could not write ${disk}/datasets/more: the disk is read-only.\nChoose a folder on a disk that can be written to.\n`,
    );
    expect(await refused('data', 'remove', 'few')).toBe(
      `Could not remove ${disk}/datasets/few: the disk is read-only.\nChoose a folder on a disk that can be written to.\n`,
    );
    expect(await refused('runs', 'remove', 'gone')).toBe(
      `Could not remove ${disk}/runs/gone: the disk is read-only.\nChoose a folder on a disk that can be written to.\n`,
    );
    const below = ['--workspace', join(disk, 'not', 'there')];
    expect((await runHere('sample-data', 'faces', '--count', '5', ...below)).stderr).toMatch(
      /^Could not write .*\/not\/there\/datasets\/faces\S*: the disk is read-only\.\n/,
    );
    expect((await runHere('data', 'show', 'few', ...workspace)).code).toBe(0);
  });
});
