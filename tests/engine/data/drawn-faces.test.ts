import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFolderAtomic } from '../../../src/system/atomic.ts';
import { writeDatasetInfo } from '../../../src/engine/data/dataset-files.ts';
import type { Dataset } from '../../../src/engine/data/dataset.ts';
import { createSampleFaces, describeDrawnFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { drawFace, faceFactors } from '../../../src/engine/synthetic/faces.ts';
import { makeScratch, storedNames, type Scratch } from './workspace.ts';

const FACES = 600;

let scratch: Scratch;
let drawn: Dataset;
beforeEach(async () => {
  scratch = await makeScratch();
  const info = describeDrawnFaces({ id: 'drawn-000001', name: 'drawn', count: FACES, seed: 6 });
  await writeFolderAtomic(join(scratch.workspace.datasets, info.id), (folder) =>
    writeDatasetInfo(folder, info),
  );
  drawn = await openDataset(scratch.workspace, info.id);
});
afterEach(async () => {
  await drawn.close();
  await scratch.remove();
});

describe('sample faces that are drawn when they are read', () => {
  it('are those that would be stored: images, names and factors', async () => {
    const { id } = await createSampleFaces(scratch.workspace, { count: FACES, seed: 6, name: 'stored' });
    const stored = await openDataset(scratch.workspace, id);
    const indices = [599, 0, 255, 256, 255];
    expect(await drawn.readImages(indices)).toEqual(await stored.readImages(indices));
    expect(await drawn.names()).toEqual(await stored.names());
    expect(drawn.info.columns).toEqual(stored.info.columns);
    for (const column of stored.info.columns) {
      expect(await drawn.column(column)).toEqual(await stored.column(column));
    }
    await stored.close();
  });

  it.each([32, 128] as const)('are drawn at %i pixels, stored or not', async (imageSize) => {
    const info = describeDrawnFaces({ id: 'large-000001', name: 'large', count: 20, imageSize, seed: 6 });
    await writeFolderAtomic(join(scratch.workspace.datasets, info.id), (folder) =>
      writeDatasetInfo(folder, info),
    );
    const { id } = await createSampleFaces(scratch.workspace, { count: 20, imageSize, seed: 6 });
    const [large, stored] = [
      await openDataset(scratch.workspace, info.id),
      await openDataset(scratch.workspace, id),
    ];
    const images = await large.readImages([19, 4]);
    expect(images.subarray(0, imageSize ** 2 * 3)).toEqual(drawFace(faceFactors(6, 19), imageSize));
    expect(await stored.readImages([19, 4])).toEqual(images);
    await large.close();
    await stored.close();
  });

  it('are the same when they are read again, from what is kept', async () => {
    const indices = Array.from({ length: 40 }, (_, i) => i * 15);
    const first = await drawn.readImages(indices);
    const kept = first.slice();
    first.fill(0);
    expect(await drawn.readImages(indices)).toEqual(kept);
  });

  it('take no room, and refuse what there is not', async () => {
    expect(await storedNames(scratch.workspace)).toEqual(['drawn-000001']);
    await expect((async () => drawn.readImages([FACES]))()).rejects.toMatchObject({ code: 'bad-input' });
    await expect(
      (async () => drawn.column({ name: 'hat', type: 'binary', factor: true }))(),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('let others run while many are drawn', async () => {
    const reading = drawn.readImages(Array.from({ length: 80 }, (_, i) => i)).then(() => true);
    let turns = 0;
    while (!(await Promise.race([reading, nextTurn(false)]))) turns += 1;
    expect(turns).toBeGreaterThanOrEqual(9);
  });
});
