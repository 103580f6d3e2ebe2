import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetInfo } from '../../../src/contract/dataset.ts';
import { ImagesWriter, writeDatasetFiles } from '../../../src/engine/data/dataset-files.ts';
import { listDatasets, openDataset, removeDataset } from '../../../src/engine/data/store.ts';
import { makeScratch, type Scratch } from './workspace.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
});
afterEach(() => scratch.remove());

const IMAGES = 20;

/** A grey data set whose image i holds i everywhere. */
async function store(id: string, name: string, created = '2026-01-01T00:00:00.000Z'): Promise<void> {
  const folder = join(scratch.workspace.datasets, id);
  await mkdir(folder, { recursive: true });
  const writer = await ImagesWriter.create(folder, 1);
  for (let i = 0; i < IMAGES; i++) await writer.append(new Uint8Array(4096).fill(i), 1);
  await writer.close();
  const info: DatasetInfo = {
    version: 1,
    id,
    name,
    kind: 'imported',
    created,
    images: IMAGES,
    channels: 1,
    crop: 'auto',
    source: 'somewhere',
    columns: [
      { name: 'a', type: 'continuous', factor: false },
      { name: 'b', type: 'binary', factor: false },
    ],
    skipped: [],
    duplicates: [],
  };
  const values = [
    Float32Array.from({ length: IMAGES }, (_, i) => i / 2),
    new Float32Array(IMAGES).fill(Number.NaN),
  ];
  await writeDatasetFiles(
    folder,
    info,
    Array.from({ length: IMAGES }, (_, i) => `${i}.jpg`),
    info.columns.map((column, i) => ({ column, values: values[i]! })),
  );
}

const open = (name: string) => openDataset(scratch.workspace, name);

describe('a stored data set', () => {
  it('is opened by its id, the beginning of its id, or its name', async () => {
    await store('faces-aaa111', 'My faces');
    await store('faces-bbb222', 'Others');
    for (const name of ['faces-aaa111', 'faces-a', 'My faces']) {
      const dataset = await open(name);
      expect(dataset.info.id).toBe('faces-aaa111');
      await dataset.close();
    }
  });

  it('is asked for more clearly where a name fits several', async () => {
    await store('faces-aaa111', 'faces');
    await store('faces-bbb222', 'faces');
    await expect(open('faces')).rejects.toMatchObject({
      code: 'bad-input',
      hint: expect.stringContaining('faces-aaa111') as string,
    });
    await expect(open('face')).rejects.toThrow('2 data sets are called face');
  });

  it('is not found with near names, and with advice where there is none', async () => {
    await expect(open('celeba')).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('no data sets yet') as string,
    });
    await store('celeba-aaa111', 'celeba');
    await expect(open('clebea')).rejects.toMatchObject({
      code: 'not-found',
      hint: 'Did you mean celeba?',
    });
  });

  it('reads images in the order asked for, runs and repeats included', async () => {
    await store('x-aaa111', 'x');
    const dataset = await open('x');
    const indices = [3, 4, 5, 19, 0, 0, 1, 18, 17];
    const images = await dataset.readImages(indices);
    expect(images).toHaveLength(indices.length * 4096);
    indices.forEach((index, i) =>
      expect(images.subarray(i * 4096, (i + 1) * 4096).every((v) => v === index)).toBe(true),
    );
    expect(await dataset.readImages([])).toHaveLength(0);
    expect((await dataset.readImages(Uint32Array.of(7)))[0]).toBe(7);
    await expect(dataset.readImages([20])).rejects.toThrow('has no image 20');
    await expect(dataset.readImages([-1])).rejects.toThrow('has no image -1');
    await dataset.close();
  });

  it('gives its names and columns', async () => {
    await store('x-aaa111', 'x');
    const dataset = await open('x');
    expect((await dataset.names())[19]).toBe('19.jpg');
    expect((await dataset.column(dataset.info.columns[0]!))[5]).toBe(2.5);
    expect((await dataset.column(dataset.info.columns[1]!)).every(Number.isNaN)).toBe(true);
    await expect(dataset.column({ name: 'c', type: 'binary', factor: false })).rejects.toThrow('no column c');
    await dataset.close();
  });

  it.each(['images.u8', 'columns.f32'])('is refused where %s is cut off or missing', async (file) => {
    await store('x-aaa111', 'x');
    const path = join(scratch.workspace.datasets, 'x-aaa111', file);
    await truncate(path, 77);
    await expect(open('x')).rejects.toThrow(/is damaged: .* has 77 bytes instead of/);
    const { rm } = await import('node:fs/promises');
    await rm(path);
    await expect(open('x')).rejects.toThrow('is missing');
  });

  it('is refused where its names are not as many as its images', async () => {
    await store('x-aaa111', 'x');
    await writeFile(join(scratch.workspace.datasets, 'x-aaa111', 'names.json'), '["a"]');
    const dataset = await open('x');
    await expect(dataset.names()).rejects.toThrow('does not name 20 images');
    await dataset.close();
  });
});

describe('the list of data sets', () => {
  it('is empty in a new workspace, and the newest comes first', async () => {
    expect(await listDatasets(scratch.workspace)).toEqual([]);
    await store('a-aaa111', 'a', '2026-01-01T00:00:00.000Z');
    await store('b-bbb222', 'b', '2026-02-01T00:00:00.000Z');
    expect((await listDatasets(scratch.workspace)).map(({ id }) => id)).toEqual(['b-bbb222', 'a-aaa111']);
  });

  it('passes over what is no data set', async () => {
    await store('a-aaa111', 'a');
    const { datasets } = scratch.workspace;
    await mkdir(join(datasets, '.b-bbb222.1.0123abcd.part'));
    await mkdir(join(datasets, 'c-ccc333'));
    await mkdir(join(datasets, 'd-ddd444'));
    await writeFile(join(datasets, 'd-ddd444', 'dataset.json'), '{"version": 2}');
    await writeFile(join(datasets, 'e-eee555'), 'a file');
    expect((await listDatasets(scratch.workspace)).map(({ id }) => id)).toEqual(['a-aaa111']);
  });

  it('forgets a data set that is removed', async () => {
    await store('a-aaa111', 'a');
    await store('b-bbb222', 'b');
    expect((await removeDataset(scratch.workspace, 'a')).id).toBe('a-aaa111');
    expect(await readdir(scratch.workspace.datasets)).toEqual(['b-bbb222']);
    await expect(removeDataset(scratch.workspace, 'a')).rejects.toMatchObject({ code: 'not-found' });
  });
});
