import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IMAGE_SIZE, IMAGE_SIZES, type ImageSize } from '../../../src/contract/image-size.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { encodeNpy } from '../../../src/engine/files/npy.ts';
import { areaResize } from '../../../src/engine/image-files/area-resize.ts';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { windowImages } from '../../../src/engine/importing/import-protocol.ts';
import { inspectSource } from '../../../src/engine/importing/inspect.ts';
import { encodePng } from '../../../src/engine/pictures/png.ts';
import { makeZip } from '../files/make-zip.ts';
import { handmadePng, quarters, FOUR, withOrientation } from '../image-files/pictures.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

const put = (name: string, bytes: Uint8Array): Promise<void> => writeFile(join(scratch.folder, name), bytes);

/** A picture in which no two neighbours are alike. */
function noise(width: number, height: number, seed: number): Uint8Array {
  const random = createRandom(seed, 'noise');
  return Uint8Array.from({ length: width * height * 3 }, () => random.integer(256));
}

/** The middle square of a picture, made `size` pixels wide by area means. */
function resized(data: Uint8Array, width: number, height: number, size: number): Uint8Array {
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  const into = new Uint8Array(size * size * 3);
  const box = { left, top, right: left + side, bottom: top + side };
  areaResize({ width, height, pixelBytes: 3, channels: 3, data }, box, size, into);
  return into;
}

async function readAllOf(id: string): Promise<Uint8Array> {
  const dataset = await openDataset(scratch.workspace, id);
  try {
    return await dataset.readImages(Array.from({ length: dataset.info.images }, (_, i) => i));
  } finally {
    await dataset.close();
  }
}

const imported = (imageSize?: ImageSize, source = scratch.folder) =>
  importDataset(scratch.workspace, source, { crop: 'square', workers: 1, imageSize });

describe.each(IMAGE_SIZES)('images of %i pixels', (imageSize) => {
  it('are the area means of their pictures, and are previewed so', async () => {
    const shapes = [
      [200, 170],
      [90, 300],
      [40, 40],
    ] as const;
    const pictures = shapes.map(([width, height], i) => ({ width, height, data: noise(width, height, i) }));
    for (const [i, picture] of pictures.entries()) {
      await put(`${i}.png`, await encodePng({ ...picture, channels: 3 }));
    }
    const expected = Buffer.concat(
      pictures.map(({ width, height, data }) => resized(data, width, height, imageSize)),
    );
    const info = await imported(imageSize);
    expect(info).toMatchObject({ images: 3, imageSize, channels: 3 });
    expect(Buffer.from(await readAllOf(info.id)).equals(expected)).toBe(true);

    const { previews } = await inspectSource([scratch.folder], { crop: 'square', imageSize, seed: 1 });
    expect(previews.shape).toEqual([3, imageSize, imageSize, 3]);
    expect(Buffer.from(previews.data).equals(expected)).toBe(true);
  });

  it('are made of arrays, which are copied where they have the size already', async () => {
    for (const side of [64, 128]) {
      const data = noise(side, side, 3);
      const path = join(scratch.folder, `${side}.npz`);
      const imgs = Buffer.concat(encodeNpy({ shape: [1, side, side, 3], data }));
      await writeFile(path, makeZip([{ name: 'imgs.npy', bytes: imgs }]));
      const expected = Buffer.from(resized(data, side, side, imageSize));
      const info = await imported(imageSize, path);
      expect(Buffer.from(await readAllOf(info.id)).equals(expected)).toBe(true);
      const { previews } = await inspectSource([path], { crop: 'square', imageSize, seed: 1 });
      expect(previews.shape).toEqual([1, imageSize, imageSize, 3]);
      expect(Buffer.from(previews.data).equals(expected)).toBe(true);
    }
  });

  it('are turned upright', async () => {
    const jpeg = quarters(300, 300, FOUR).toBuffer('image/jpeg', 95);
    await put('a.jpg', jpeg);
    await put('b.jpg', withOrientation(jpeg, 3));
    const images = await readAllOf((await imported(imageSize)).id);
    const places = imageSize * imageSize;
    const at = (image: number, place: number): number => images[(image * places + place) * 3 + 1]!;
    // Half a turn: the green of the first pixel of the one is about that of the last of the other.
    expect(Math.abs(at(0, 0) - at(1, places - 1))).toBeLessThan(12);
    expect(Math.abs(at(0, places - 1) - at(1, 0))).toBeLessThan(12);
    expect(Math.abs(at(0, 0) - at(1, 0))).toBeGreaterThan(12);
  });
});

describe('an import', () => {
  it('makes images of the usual size where it is asked for none', async () => {
    await put('a.png', handmadePng(20, 20, 8, [1, 2, 3]));
    expect((await imported()).imageSize).toBe(DEFAULT_IMAGE_SIZE);
    const { previews } = await inspectSource([scratch.folder], { crop: 'square', seed: 1 });
    expect(previews.shape).toEqual([1, DEFAULT_IMAGE_SIZE, DEFAULT_IMAGE_SIZE, 3]);
  });

  it('holds no more memory for large images: they come in smaller windows', () => {
    for (const imageSize of IMAGE_SIZES) {
      const images = windowImages(imageSize);
      expect(images * imageSize ** 2 * 3).toBeLessThanOrEqual(32 * 2 ** 20);
      expect(images).toBeGreaterThan(100);
    }
    expect(windowImages(64)).toBe(1024);
  });

  it('keeps the order of large images over several windows, and grey ones before the first in colour', async () => {
    const count = windowImages(256) + 30;
    for (let i = 0; i < count; i++) {
      const last = i === count - 1;
      const png = handmadePng(8, 8, 8, last ? [250, 3, 4] : [i, i, i]);
      await put(`${String(i).padStart(3, '0')}.png`, png);
    }
    await put('zzz.png', Buffer.from('no picture'));
    const info = await importDataset(scratch.workspace, scratch.folder, {
      ...{ crop: 'square', imageSize: 256, workers: 2 },
    });
    expect(info).toMatchObject({ images: count, channels: 3, imageSize: 256 });
    const images = await readAllOf(info.id);
    const bytes = 256 * 256 * 3;
    for (let i = 0; i < count - 1; i++) {
      const image = Buffer.from(images.buffer, images.byteOffset + i * bytes, bytes);
      expect(image.equals(Buffer.alloc(bytes, i))).toBe(true);
    }
    expect([...images.subarray((count - 1) * bytes, (count - 1) * bytes + 4)]).toEqual([250, 3, 4, 250]);
  });
});
