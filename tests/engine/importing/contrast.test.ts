import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/store.ts';
import { checkSource } from '../../../src/engine/importing/check.ts';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { inspectSource } from '../../../src/engine/importing/inspect.ts';
import { readPictureFor } from '../../../src/engine/inference/image-source.ts';
import { deepCell } from '../../fixtures/deep-cells.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';
import { handmadePng } from '../image-files/pictures.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

const put = (name: string, bytes: Buffer | string) => writeFile(join(scratch.folder, name), bytes);

/** Twelve cells, the first half dim and the others bright. */
async function putCells(): Promise<void> {
  for (let i = 0; i < 12; i++) {
    await put(
      `cell-${String(i).padStart(2, '0')}.png`,
      deepCell({ radius: 0.3, brightness: i < 6 ? 0.4 : 0.9 }, i),
    );
  }
}

const largest = (a: number, b: number): number => Math.max(a, b);

/** The brightest byte of each image. */
async function brightest(id: string): Promise<number[]> {
  const dataset = await openDataset(scratch.workspace, id);
  try {
    const { images } = dataset.info;
    const bytes = await dataset.readImages(Uint32Array.from({ length: images }, (_, i) => i));
    const size = bytes.length / images;
    return Array.from({ length: images }, (_, i) => Math.max(...bytes.subarray(i * size, (i + 1) * size)));
  } finally {
    await dataset.close();
  }
}

describe('16-bit pictures that use 12 bits', () => {
  it('are stretched by the same bounds for all, which are recorded', async () => {
    await putCells();
    const info = await importDataset(scratch.workspace, scratch.folder, { crop: 'square', contrast: 'auto' });
    const { percentiles, bounds } = info.stretch!;
    expect(percentiles).toEqual([0.1, 99.9]);
    expect(bounds[0]).toBeLessThan(200);
    expect(bounds[1]).toBeGreaterThan(3000);
    expect(bounds[1]).toBeLessThanOrEqual(4095);
    const light = await brightest(info.id);
    // The dim cells stay dimmer than the bright ones: intensities are comparable.
    expect(Math.max(...light.slice(0, 6))).toBeLessThan(140);
    expect(Math.min(...light.slice(6))).toBeGreaterThan(240);
    const dataset = await openDataset(scratch.workspace, info.id);
    expect(dataset.info.stretch).toEqual(info.stretch);
    await dataset.close();
  });

  it('stay as they are stored without a stretch', async () => {
    await putCells();
    const info = await importDataset(scratch.workspace, scratch.folder, { crop: 'square', contrast: 'none' });
    expect(info.stretch).toBeUndefined();
    expect(Math.max(...(await brightest(info.id)))).toBeLessThan(17);
  });

  it('are previewed with the bounds that the import uses', async () => {
    await putCells();
    const found = await inspectSource([scratch.folder], { crop: 'auto', seed: 1, contrast: 'auto' });
    const info = await importDataset(scratch.workspace, scratch.folder, {
      crop: 'square',
      contrast: found.stretch!.percentiles,
    });
    expect(found.stretch).toEqual({ ...info.stretch, isProposed: true });
    expect(found.previews.data.reduce(largest)).toBe(255);
    const stored = await inspectSource([scratch.folder], { crop: 'square', seed: 1 });
    expect(stored.previews.data.reduce(largest)).toBeLessThan(17);
    const again = await inspectSource([scratch.folder], {
      crop: 'square',
      seed: 1,
      contrast: found.stretch!.bounds,
    });
    expect(again.previews.data).toEqual(found.previews.data);
  });

  it('are read for a model with the stretch of its data set', async () => {
    await putCells();
    const info = await importDataset(scratch.workspace, scratch.folder, { crop: 'square', contrast: 'auto' });
    const path = join(scratch.folder, 'cell-11.png');
    const model = { imageSize: 64, channels: 1 } as const;
    expect(Math.max(...(await readPictureFor(path, model)))).toBeLessThan(17);
    const dataset = { id: info.id, name: info.name, images: info.images, stretch: info.stretch! };
    const stretched = await readPictureFor(path, { ...model, info: { dataset } });
    expect(Math.max(...stretched)).toBeGreaterThan(240);
  });
});

describe('other pictures', () => {
  it('are not stretched unasked: those of eight bits, and of 16 bits that use them', async () => {
    await put('dark.png', handmadePng(64, 64, 8, [9, 9, 9]));
    await put('darker.png', handmadePng(64, 64, 8, [3, 3, 3]));
    const found = await inspectSource([scratch.folder], { crop: 'auto', seed: 1, contrast: 'auto' });
    expect(found.stretch).toBeUndefined();
    const info = await importDataset(scratch.workspace, scratch.folder, { crop: 'square', contrast: 'auto' });
    expect(info.stretch).toBeUndefined();

    const data = Uint16Array.from({ length: 64 * 64 }, (_, i) => i * 16);
    await put('deep.png', Buffer.from(encode({ width: 64, height: 64, data, depth: 16, channels: 1 })));
    const deep = await inspectSource([scratch.folder], { crop: 'auto', seed: 1, contrast: 'auto' });
    expect(deep.stretch).toMatchObject({ isProposed: false });
  });

  it('are stretched by percentiles where that is asked for, and refused where there is nothing to stretch', async () => {
    await put('dark.png', handmadePng(64, 64, 8, [9, 9, 9]));
    await expect(
      importDataset(scratch.workspace, scratch.folder, { crop: 'square', contrast: [1, 99] }),
    ).rejects.toThrow('The contrast cannot be stretched');
    await put('darker.png', handmadePng(64, 64, 8, [3, 3, 3]));
    const info = await importDataset(scratch.workspace, scratch.folder, {
      crop: 'square',
      contrast: [1, 99],
    });
    expect(info.stretch?.bounds).toEqual([3 * 257, 9 * 257]);
    expect(await brightest(info.id)).toEqual([255, 0]);
  });
});

describe('a check of all files', () => {
  it('finds what an import would leave out, from any file on', async () => {
    await putCells();
    for (let i = 0; i < 3; i++) await put(`text-${i}.png`, 'not a picture');
    const all = await checkSource([scratch.folder], { crop: 'square', from: 0 });
    const info = await importDataset(scratch.workspace, scratch.folder, { crop: 'square' });
    expect(all).toEqual({ next: 15, unreadable: info.skipped });
    expect(info.skipped).toHaveLength(3);
    expect(await checkSource([scratch.folder], { crop: 'square', from: 14 })).toEqual({
      next: 15,
      unreadable: [{ file: 'text-2.png', reason: 'it is not an image: it holds text' }],
    });
    const found = await inspectSource([scratch.folder], { crop: 'auto', seed: 1 });
    expect(found.failures).toBe(3);
  });
});
