import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type * as FsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  hiddenBeside,
  hiddenName,
  removeEntry,
  removeFile,
  removeFolder,
  removeLeftovers,
} from '../../scripts/setup/remove.mjs';

/** Called before a folder is listed, with its real path: the moment at which another process may change it. */
let beforeListing: (folder: string) => void = () => undefined;
vi.mock('node:fs/promises', async (importOriginal) => {
  const actual = await importOriginal<typeof FsPromises>();
  return {
    ...actual,
    readdir: (...args: Parameters<typeof actual.readdir>) => {
      beforeListing(realpathSync(args[0]));
      return actual.readdir(...args);
    },
  };
});

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const refusal = (why: string): object => ({
  code: 'not-ours',
  message: expect.stringContaining(why) as string,
});

let folder: string;
/** What a link leads to: it must outlive everything. */
let target: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'unravel-remove-')));
  target = join(folder, 'target');
  mkdirSync(join(target, 'inside'), { recursive: true });
  writeFileSync(join(target, 'inside', 'letter.txt'), 'dear');
});
afterEach(() => {
  beforeListing = () => undefined;
  rmSync(folder, { recursive: true, force: true });
});

function expectTargetWhole(): void {
  expect(readFileSync(join(target, 'inside', 'letter.txt'), 'utf8')).toBe('dear');
}

function makeTree(path: string): string {
  mkdirSync(join(path, 'a/b'), { recursive: true });
  for (let i = 0; i < 70; i++) writeFileSync(join(path, 'a/b', `${i}.txt`), 'x');
  symlinkSync(target, join(path, 'a/link-to-folder'));
  symlinkSync(join(target, 'inside/letter.txt'), join(path, 'link-to-file'));
  symlinkSync(join(folder, 'nowhere'), join(path, 'a/b/dangling'));
  return path;
}

describe.each([
  ['through opened folders', true],
  ['by paths, as on macOS and Windows', false],
])('removeFolder %s', (_, byDescriptor) => {
  const options = { byDescriptor: byDescriptor && isLinux };

  it('removes everything in it and follows no link', async () => {
    const tree = makeTree(join(folder, 'tree'));
    await removeFolder(tree, options);
    expect(existsSync(tree)).toBe(false);
    expectTargetWhole();
  });

  it('refuses a link, and keeps it and its target', async () => {
    const link = join(folder, 'link');
    symlinkSync(target, link);
    await expect(removeFolder(link, options)).rejects.toMatchObject(refusal(`${link} was not removed`));
    expect(readdirSync(folder).sort()).toEqual(['link', 'target']);
    expectTargetWhole();
  });

  it('refuses a file', async () => {
    writeFileSync(join(folder, 'file'), 'x');
    await expect(removeFolder(join(folder, 'file'), options)).rejects.toMatchObject(refusal('not a folder'));
    expect(existsSync(join(folder, 'file'))).toBe(true);
  });

  it.skipIf(!isRoot)("refuses another user's folder (only root can make one here)", async () => {
    const theirs = makeTree(join(folder, 'theirs'));
    chownSync(theirs, 12345, 12345);
    await expect(removeFolder(theirs, options)).rejects.toMatchObject(refusal('another user'));
    expect(readdirSync(join(theirs, 'a/b'))).toHaveLength(71);
  });

  it('does nothing where there is none', async () => {
    await expect(removeFolder(join(folder, 'none'), options)).resolves.toBeUndefined();
  });
});

describe.skipIf(!isLinux)('a folder that becomes a link while it is being removed (Linux)', () => {
  it.each(['tree', 'tree/a', 'tree/a/b'])('keeps the target of a link that replaces %s', async (which) => {
    makeTree(join(folder, 'tree'));
    const victim = join(folder, which);
    beforeListing = (listed) => {
      if (listed !== victim) return;
      beforeListing = () => undefined;
      renameSync(victim, join(folder, 'aside'));
      symlinkSync(target, victim);
    };
    await expect(removeFolder(join(folder, 'tree'))).rejects.toThrow();
    expectTargetWhole();
  });
});

describe('removeFile', () => {
  it('removes a file or a link, and refuses a folder', async () => {
    symlinkSync(target, join(folder, 'link'));
    await removeFile(join(folder, 'link'));
    await removeFile(join(folder, 'link'));
    await expect(removeFile(target)).rejects.toThrow();
    expectTargetWhole();
  });
});

describe('removeEntry', () => {
  it('removes a folder with all that is in it', async () => {
    const tree = makeTree(join(folder, 'tree'));
    await removeEntry(tree);
    expect(readdirSync(folder)).toEqual(['target']);
    expectTargetWhole();
  });

  it('removes a link but not its target', async () => {
    symlinkSync(target, join(folder, 'link'));
    await removeEntry(join(folder, 'link'));
    expect(readdirSync(folder)).toEqual(['target']);
    expectTargetWhole();
  });

  it('hides a folder before it removes its contents', async () => {
    const tree = makeTree(join(folder, 'tree'));
    const seen: string[][] = [];
    beforeListing = () => void seen.push(readdirSync(folder).sort());
    await removeEntry(tree);
    expect(seen[0]).toEqual([expect.stringMatching(hiddenName) as string, 'target']);
  });

  it('removes nothing through a link', async () => {
    symlinkSync(target, join(folder, 'datasets'));
    await expect(removeEntry(join(folder, 'datasets', 'inside'))).rejects.toMatchObject(refusal('a link'));
    expectTargetWhole();
  });
});

describe('removeLeftovers', () => {
  const pattern = /^\d+-[0-9a-f]{8}$/;

  it('removes only names that match the pattern', async () => {
    const parent = join(folder, 'parent');
    makeTree(join(parent, '12-0123abcd'));
    for (const name of ['12-0123abcd.bak', 'x12-0123abcd', '12', 'notes', '13-0123ABCD']) {
      mkdirSync(join(parent, name));
    }
    writeFileSync(join(parent, '14-0123abcd'), 'a file');
    symlinkSync(target, join(parent, '15-0123abcd'));
    await removeLeftovers(parent, pattern);
    expect(readdirSync(parent).sort()).toEqual(
      ['12', '12-0123abcd.bak', '13-0123ABCD', '15-0123abcd', 'notes', 'x12-0123abcd'].sort(),
    );
    expectTargetWhole();
  });

  it('keeps folders that are still in use', async () => {
    for (const name of ['7-00000000', '8-00000000']) mkdirSync(join(folder, name));
    const asked: string[] = [];
    await removeLeftovers(folder, pattern, (path: string) => {
      asked.push(basename(path));
      return basename(path) === '7-00000000';
    });
    expect(asked.sort()).toEqual(['7-00000000', '8-00000000']);
    expect(readdirSync(folder).sort()).toEqual(['7-00000000', 'target']);
  });

  it('changes nothing where the parent is a link', async () => {
    mkdirSync(join(target, '9-00000000'));
    symlinkSync(target, join(folder, 'parent'));
    await removeLeftovers(join(folder, 'parent'), pattern);
    expect(existsSync(join(target, '9-00000000'))).toBe(true);
  });

  it.skipIf(!isRoot)("keeps another user's folder (only root can make one here)", async () => {
    mkdirSync(join(folder, '9-00000000'));
    chownSync(join(folder, '9-00000000'), 12345, 12345);
    await removeLeftovers(folder, pattern);
    expect(existsSync(join(folder, '9-00000000'))).toBe(true);
  });

  it('recognises the names of folders that are being written', () => {
    expect(hiddenName.exec(hiddenBeside('/a/faces.1'))).toBeNull();
    const name = basename(hiddenBeside(join(folder, 'faces.1')));
    expect(name).toMatch(hiddenName);
  });
});
