import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSampleFaces, createSprites } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { drawFace, FACE_FACTORS, faceFactors } from '../../../src/engine/synthetic/faces.ts';
import { drawSprite, SPRITE_COUNT, spriteFactors } from '../../../src/engine/synthetic/sprites.ts';
import { makeScratch, storedNames, type Scratch } from './workspace.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await makeScratch();
});
afterAll(() => scratch.remove());

describe('sample faces', () => {
  it('are stored as they are drawn, with their factors as columns', async () => {
    let last = 0;
    const info = await createSampleFaces(scratch.workspace, {
      count: 20,
      seed: 5,
      onProgress: ({ done }) => (last = done),
    });
    expect(last).toBe(20);
    expect(info).toMatchObject({ kind: 'faces', images: 20, channels: 3, seed: 5, name: 'faces' });
    expect(info.columns.map(({ name }) => name)).toEqual(FACE_FACTORS.map(({ name }) => name));
    expect(info.columns.every(({ factor }) => factor)).toBe(true);
    const dataset = await openDataset(scratch.workspace, info.id);
    expect(await dataset.readImages([13])).toEqual(drawFace(faceFactors(5, 13), 64));
    const last_ = info.columns.at(-1)!;
    expect((await dataset.column(last_))[13]).toBe(faceFactors(5, 13).at(-1));
    expect(await dataset.names()).toHaveLength(20);
    await dataset.close();
  });

  it('leave nothing behind when they are cancelled', async () => {
    const before = await storedNames(scratch.workspace);
    const signal = AbortSignal.abort();
    await expect(createSampleFaces(scratch.workspace, { count: 10, seed: 1, signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await storedNames(scratch.workspace)).toEqual(before);
  });
});

describe('sprites', () => {
  it('are all there without being stored', async () => {
    const info = await createSprites(scratch.workspace, { seed: 1 });
    expect(info).toMatchObject({ kind: 'sprites', images: SPRITE_COUNT, channels: 1 });
    expect(await readdir(join(scratch.workspace.datasets, info.id))).toEqual(['dataset.json']);
    const dataset = await openDataset(scratch.workspace, info.id);
    const images = await dataset.readImages([700_000, 3]);
    expect(images.subarray(0, 4096)).toEqual(drawSprite(700_000));
    expect(images.subarray(4096)).toEqual(drawSprite(3));
    expect(info.columns.map(({ name }) => name)).not.toContain('colour');
    const scale = info.columns.find(({ name }) => name === 'scale')!;
    expect((await dataset.column(scale))[700_000]).toBe(spriteFactors(700_000)[2]);
    expect((await dataset.names())[3]).toBe('sprite-000003');
    await dataset.close();
  });

  it('are drawn by lot where fewer are asked for: the same for a seed, others for another', async () => {
    const names = async (seed: number) => {
      const { id } = await createSprites(scratch.workspace, { count: 500, seed, name: `s${seed}` });
      const dataset = await openDataset(scratch.workspace, id);
      const all = await dataset.names();
      const number = Number(all[123]!.slice('sprite-'.length));
      expect(await dataset.readImages([123])).toEqual(drawSprite(number));
      await dataset.close();
      return all;
    };
    const first = await names(1);
    expect(new Set(first).size).toBe(500);
    expect(await names(1)).toEqual(first);
    expect(await names(2)).not.toEqual(first);
  });

  it('cannot be more than there are', async () => {
    await expect(
      createSprites(scratch.workspace, { count: SPRITE_COUNT + 1, seed: 1 }),
    ).rejects.toMatchObject({
      code: 'bad-input',
    });
  });
});
