import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pngNames, readImagesTensor, writeImages } from '../../../src/engine/pictures/images.ts';
import { unitToByte } from '../../../src/engine/pictures/picture.ts';
import { readPicture } from '../../../src/engine/pictures/png.ts';
import {
  readSafetensors,
  writeSafetensors,
  type AnyTensor,
  type HostTensor,
} from '../../../src/engine/files/safetensors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-images-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function batch(count: number, channels: 1 | 3 = 3): HostTensor {
  const data = Float32Array.from({ length: count * 16 * channels }, (_, i) => ((i * 37) % 1000) / 999);
  return { shape: [count, 4, 4, channels], data };
}

describe('pngNames', () => {
  test('counts with leading zeros where there are no names', () => {
    expect(pngNames(11)[3]).toBe('03.png');
    expect(pngNames(1)).toEqual(['0.png']);
  });

  test('keeps names readable, apart, and inside the folder', () => {
    const names = [
      'a.jpg',
      'smiling/a.jpg',
      'A.png',
      '../../etc/passwd',
      '..',
      '',
      'C:\\x.jpg',
      'no ending',
      'tab\t.gif',
    ];
    expect(pngNames(9, names)).toEqual([
      'a.png',
      'smiling-a.png',
      'A-2.png',
      'etc-passwd.png',
      '4.png',
      '5.png',
      'C-x.png',
      'no ending.png',
      'tab-.png',
    ]);
  });

  test('never gives a name twice', () => {
    const names = ['x', 'x-1', 'x', 'X', 'x-2', 'x'];
    const given = pngNames(6, names).map((name) => name.toLowerCase());
    expect(new Set(given).size).toBe(6);
  });
});

describe('writeImages', () => {
  test.each([1, 3] as const)('fills a folder with PNGs that read back (%i channels)', async (channels) => {
    const path = join(folder, `faces-${channels}`);
    const images = batch(12, channels);
    await writeImages(path, images);
    const files = (await readdir(path)).sort();
    expect([files.length, files[0], files[11]]).toEqual([12, '00.png', '11.png']);
    const picture = await readPicture(join(path, '05.png'));
    const size = 16 * channels;
    expect(picture.channels).toBe(channels);
    expect(picture.data).toEqual(Uint8Array.from(images.data.subarray(5 * size, 6 * size), unitToByte));
  });

  test('names the PNGs after the images', async () => {
    const path = join(folder, 'named');
    await writeImages(path, batch(2), ['0007.jpg', 'x/0007.jpg']);
    expect((await readdir(path)).sort()).toEqual(['0007.png', 'x-0007.png']);
  });

  test('writes tensors exactly', async () => {
    const path = join(folder, 'images.safetensors');
    await writeImages(path, batch(3));
    expect((await readSafetensors(path)).tensors).toEqual(new Map([['decoded', batch(3)]]));
  });

  test('writes a single image as one PNG, but not several', async () => {
    const path = join(folder, 'one.png');
    await writeImages(path, batch(1));
    expect(await readPicture(path)).toMatchObject({ width: 4, height: 4 });
    await expect(writeImages(path, batch(2))).rejects.toThrow(/one PNG, but there are 2 images/);
    await expect(writeImages(join(folder, 'x.jpg'), batch(1))).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('takes an empty folder, and leaves one with something in it alone', async () => {
    const path = join(folder, 'there');
    await mkdir(path);
    await writeImages(path, batch(1));
    await writeFile(join(path, 'mine.txt'), 'mine');
    await expect(writeImages(path, batch(2))).rejects.toMatchObject({ code: 'conflict', path });
    expect((await readdir(path)).sort()).toEqual(['0.png', 'mine.txt']);
    await expect(writeImages(join(path, 'mine.txt'), batch(1))).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('readImagesTensor', () => {
  async function file(tensor: AnyTensor, name = 'images'): Promise<string> {
    const path = join(folder, 'in.safetensors');
    await writeSafetensors(path, new Map([[name, tensor]]));
    return path;
  }

  test('gives bytes and floats as they are', async () => {
    const bytes = { shape: [1, 1, 2, 3], data: Uint8Array.of(0, 1, 2, 253, 254, 255) };
    expect(await readImagesTensor(await file(bytes))).toEqual(bytes);
    expect(await readImagesTensor(await file(batch(2, 1)))).toEqual(batch(2, 1));
  });

  test('converts doubles and whole numbers', async () => {
    const shape = [1, 1, 1, 3];
    expect(await readImagesTensor(await file({ shape, data: Float64Array.of(0, 0.5, 1) }))).toEqual({
      shape,
      data: Float32Array.of(0, 0.5, 1),
    });
    expect(await readImagesTensor(await file({ shape, data: Int32Array.of(0, 7, 255) }))).toEqual({
      shape,
      data: Uint8Array.of(0, 7, 255),
    });
  });

  test('refuses what is not a batch of images, and says why', async () => {
    await expect(readImagesTensor(await file(batch(1), 'x'))).rejects.toMatchObject({
      hint: expect.stringMatching(/holds x\. Name the tensor with the images “images”/) as unknown,
    });
    const channelsFirst = { shape: [1, 3, 4, 4], data: new Uint8Array(48) };
    await expect(readImagesTensor(await file(channelsFirst))).rejects.toThrow(/\[1, 3, 4, 4\]/);
    const doubles = { shape: [1, 1, 1, 1], data: Float64Array.of(2.5) };
    await expect(readImagesTensor(await file(doubles))).rejects.toMatchObject({
      message: expect.stringMatching(
        /: its images are of type float64, with values that are neither bytes nor within \[0, 1\]\.$/,
      ) as unknown,
    });
    const integers = { shape: [1, 1, 1, 1], data: Int32Array.of(256) };
    await expect(readImagesTensor(await file(integers))).rejects.toThrow('of type int32,');
    const upTo255 = { shape: [1, 1, 1, 1], data: Float32Array.of(255) };
    await expect(readImagesTensor(await file(upTo255))).rejects.toMatchObject({
      hint: expect.stringMatching(/Divide by 255/) as unknown,
    });
    const broken = { shape: [1, 1, 1, 1], data: Float32Array.of(NaN) };
    await expect(readImagesTensor(await file(broken))).rejects.toMatchObject({ code: 'bad-input' });
  });

  const golden = '../shared/data/pretrained/btcvae_celeba/golden.safetensors';
  test.skipIf(!existsSync(golden))(
    'reads the golden images (skipped where ../shared is missing)',
    async () => {
      const { shape, data } = await readImagesTensor(golden);
      expect(shape).toEqual([32, 64, 64, 3]);
      expect(data).toBeInstanceOf(Uint8Array);
    },
  );
});
