import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  writeFileAtomic,
  writeFolderAtomic,
  writePrivateFile,
  writePrivateFolder,
} from '../../src/system/atomic.ts';
import { explainWriteError } from '../../src/system/write-error.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-atomic-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('writeFileAtomic', () => {
  test('writes all pieces in order and makes missing folders', async () => {
    const path = join(folder, 'a/b/file.txt');
    await writeFileAtomic(path, 'one ', Uint8Array.of(0x74, 0x77, 0x6f), '');
    expect(await readFile(path, 'utf8')).toBe('one two');
    expect(await readdir(join(folder, 'a/b'))).toEqual(['file.txt']);
  });

  test('replaces an existing file', async () => {
    const path = join(folder, 'file.txt');
    await writeFileAtomic(path, 'a long text that was here before');
    await writeFileAtomic(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  test('keeps the complete contents of one writer when many write at once', async () => {
    const path = join(folder, 'file.txt');
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['file.txt']);
  });

  test('reports a folder of the same name, and leaves no file behind', async () => {
    const path = join(folder, 'taken');
    await mkdir(join(path, 'inside'), { recursive: true });
    await expect(writeFileAtomic(path, 'text')).rejects.toMatchObject({ code: 'bad-input', path });
    expect(await readdir(folder)).toEqual(['taken']);
  });

  test('reports a file where a folder should be', async () => {
    await writeFile(join(folder, 'file'), 'text');
    await expect(writeFileAtomic(join(folder, 'file/inner'), 'text')).rejects.toThrow();
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('text');
  });

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'reports where writing is not allowed (not for root, who may write anywhere)',
    async () => {
      await chmod(folder, 0o500);
      await expect(writeFileAtomic(join(folder, 'file'), 'text')).rejects.toMatchObject({
        code: 'bad-input',
      });
      await chmod(folder, 0o700);
    },
  );
});

describe.skipIf(process.platform === 'win32')('who may read what is written', () => {
  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
  let umask: number;
  beforeEach(() => (umask = process.umask(0o022)));
  afterEach(() => process.umask(umask));

  test('follows the umask for a new file', async () => {
    await writeFileAtomic(join(folder, 'file'), 'text');
    expect(await modeOf(join(folder, 'file'))).toBe('644');
  });

  test.each([0o600, 0o640, 0o666])(
    'stays as it was when a file of mode %o is written again',
    async (mode) => {
      const path = join(folder, 'file');
      await writeFileAtomic(path, 'old');
      await chmod(path, mode);
      await writeFileAtomic(path, 'new');
      expect(await modeOf(path)).toBe(mode.toString(8));
      expect(await readFile(path, 'utf8')).toBe('new');
    },
  );

  test.each([0, 0o022, 0o077])('is only the owner for a private file, with the umask %o', async (mask) => {
    process.umask(mask);
    const path = join(folder, 'made', 'file');
    await writePrivateFile(path, 'old');
    await chmod(path, 0o644);
    await writePrivateFile(path, 'new');
    expect([await modeOf(path), await modeOf(join(folder, 'made'))]).toEqual(['600', '700']);
  });

  test('is only the owner for a private folder', async () => {
    process.umask(0);
    await writePrivateFolder(join(folder, 'made', 'it'), () => Promise.resolve());
    await writeFolderAtomic(join(folder, 'open'), () => Promise.resolve());
    expect(await modeOf(join(folder, 'made'))).toBe('700');
    expect(await modeOf(join(folder, 'made', 'it'))).toBe('700');
    expect(await modeOf(join(folder, 'open'))).toBe('777');
  });
});

describe('writeFolderAtomic', () => {
  test('shows the folder only when it is complete, and returns what the filler does', async () => {
    const path = join(folder, 'made/it');
    const result = await writeFolderAtomic(path, async (staging) => {
      await writeFile(join(staging, 'a.txt'), 'a');
      await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
      return 42;
    });
    expect(result).toBe(42);
    expect(await readdir(path)).toEqual(['a.txt']);
    expect(await readdir(join(folder, 'made'))).toEqual(['it']);
  });

  test('leaves nothing behind when the filler fails, and passes its error on', async () => {
    const failure = new Error('the images ended early');
    const made = writeFolderAtomic(join(folder, 'it'), async (staging) => {
      await writeFile(join(staging, 'a.txt'), 'a');
      throw failure;
    });
    await expect(made).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual([]);
  });

  test('names the folder, not the hidden one, when a file in it could not be written', async () => {
    const path = join(folder, 'it');
    const made = writeFolderAtomic(path, async (staging) => {
      await writeFile(join(staging, 'a.txt'), 'a');
      await writeFileAtomic(join(staging, 'a.txt', 'b.txt'), 'b');
    });
    const file = join(path, 'a.txt', 'b.txt');
    await expect(made).rejects.toMatchObject({
      path: file,
      message: `Could not write ${file}: ${join(path, 'a.txt')} is a file, not a folder.`,
      hint: 'Choose another place.',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('does not replace a folder that is not empty', async () => {
    const path = join(folder, 'it');
    await mkdir(path);
    await writeFile(join(path, 'mine.txt'), 'mine');
    await expect(
      writeFolderAtomic(path, (staging) => writeFile(join(staging, 'theirs.txt'), 'theirs')),
    ).rejects.toThrow();
    expect(await readdir(path)).toEqual(['mine.txt']);
    expect(await readdir(folder)).toEqual(['it']);
  });
});

describe('explainWriteError', () => {
  test.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EACCES', 'bad-input'],
    ['EROFS', 'bad-input'],
    ['EISDIR', 'bad-input'],
    ['ENOTDIR', 'bad-input'],
    ['ENOTEMPTY', 'bad-input'],
  ])('turns %s into a clear message with a hint', (system, code) => {
    const cause = Object.assign(new Error('refused'), { code: system });
    const error = explainWriteError('x/y.png', cause);
    expect(error).toMatchObject({ code, path: 'x/y.png', cause });
    expect(error).toHaveProperty('hint', expect.stringMatching(/\.$/));
  });

  test('returns other errors unchanged', () => {
    const cause = new Error('something else');
    expect(explainWriteError('x', cause)).toBe(cause);
  });
});
