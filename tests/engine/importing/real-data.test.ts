import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';

const shared = join(import.meta.dirname, '../../../../shared/data');

let scratch: Scratch;
beforeAll(async () => {
  scratch = await makeScratch();
});
afterAll(() => scratch.remove());

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

describe.skipIf(!existsSync(shared))('real faces (need ../shared/data)', () => {
  it('are 8,000 of CelebA in colour with 40 attributes', async () => {
    const info = await importDataset(scratch.workspace, join(shared, 'celeba'), { crop: 'auto' });
    expect(info).toMatchObject({ images: 8000, channels: 3, skipped: [], duplicates: [] });
    expect(info.columns).toHaveLength(40);
    expect(info.columns.every(({ type }) => type === 'binary')).toBe(true);
    expect(info.labels).toMatchObject({ rowsWithoutImage: 0, imagesWithoutRow: 0 });
    const dataset = await openDataset(scratch.workspace, info.id);
    const smiling = await dataset.column(info.columns.find(({ name }) => name === 'Smiling')!);
    // The first rows of list_attr_celeba.txt; nearly half of CelebA's people smile.
    expect(Array.from(smiling.subarray(0, 3))).toEqual([1, 1, 0]);
    expect(mean(smiling)).toBeGreaterThan(0.45);
    expect(mean(smiling)).toBeLessThan(0.51);
    // Skin, in the middle of aligned faces: red above green above blue.
    const images = await dataset.readImages(Array.from({ length: 200 }, (_, i) => i * 40));
    const centre = [0, 1, 2].map((c) =>
      mean(Array.from({ length: 200 }, (_, i) => images[i * 12288 + (36 * 64 + 32) * 3 + c]!)),
    );
    expect(centre[0]! - centre[1]!).toBeGreaterThan(20);
    expect(centre[1]! - centre[2]!).toBeGreaterThan(10);
    await dataset.close();
  });

  it('are 11,001 grey ones that smile or do not', async () => {
    const info = await importDataset(scratch.workspace, join(shared, 'smiles'), { crop: 'auto' });
    expect(info).toMatchObject({ images: 11_001, channels: 1, skipped: [] });
    expect(info.columns).toEqual([
      { name: 'folder', type: 'categorical', categories: ['neutral', 'smiling'], factor: false },
    ]);
    const dataset = await openDataset(scratch.workspace, info.id);
    const names = await dataset.names();
    const folder = await dataset.column(info.columns[0]!);
    expect(names.every((name, i) => name.startsWith(folder[i] === 1 ? 'smiling/' : 'neutral/'))).toBe(true);
    await dataset.close();
  });
});
