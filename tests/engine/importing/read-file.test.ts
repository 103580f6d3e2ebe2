import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { readPictureFile } from '../../../src/engine/importing/read-file.ts';
import { bmp } from '../image-files/pictures.ts';
import { makeScratch } from '../data/workspace.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-read-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe("reading a picture's file", () => {
  it('gives its bytes, by a path of text or of bytes', async () => {
    const path = join(folder, 'a.bmp');
    await writeFile(path, 'abc');
    expect(readPictureFile(path).toString()).toBe('abc');
    expect(readPictureFile(new Uint8Array(Buffer.from(path))).toString()).toBe('abc');
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe that took its place', () => {
    const path = join(folder, 'pipe.bmp');
    execFileSync('mkfifo', [path]);
    expect(() => readPictureFile(path)).toThrow('it is not a regular file');
    expect(() => readPictureFile(folder)).toThrow('it is not a regular file');
  });

  it('refuses what no picture is as large as, before taking memory for it', async () => {
    const path = join(folder, 'huge.bmp');
    await writeFile(path, bmp(20, 24, true));
    await truncate(path, 300 * 2 ** 20);
    expect(() => readPictureFile(path)).toThrow('it is larger than 256 MB');
  });

  it('is one at a time for large ones, which are imported as others are', async () => {
    const scratch = await makeScratch();
    try {
      const path = join(folder, 'large.bmp');
      await writeFile(path, bmp(20, 24, true));
      await truncate(path, 40 * 2 ** 20);
      const info = await importDataset(scratch.workspace, path, { crop: 'auto', workers: 1 });
      expect(info.images).toBe(1);
    } finally {
      await scratch.remove();
    }
  });
});
