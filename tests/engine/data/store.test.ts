import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
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
  const writer = await ImagesWriter.create(folder, { imageSize: 64, channels: 1 });
  for (let i = 0; i < IMAGES; i++) await writer.append(new Uint8Array(4096).fill(i), 1);
  await writer.close();
  const info: DatasetInfo = {
    version: 1,
    id,
    name,
    kind: 'imported',
    created,
    images: IMAGES,
    imageSize: 64,
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

const open = (id: string) => openDataset(scratch.workspace, id);

describe('a stored data set', () => {
  it('reads images in the order asked for, runs and repeats included', async () => {
    await store('x-aaa111', 'x');
    const dataset = await open('x-aaa111');
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
    const dataset = await open('x-aaa111');
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
    await expect(open('x-aaa111')).rejects.toThrow(/is damaged: .* has 77 bytes instead of/);
    await rm(path);
    await expect(open('x-aaa111')).rejects.toThrow('is missing');
  });

  it('that claims a billion images is refused before anything is allocated', async () => {
    await store('x-aaa111', 'x');
    const path = join(scratch.workspace.datasets, 'x-aaa111', 'dataset.json');
    const info = JSON.parse(await readFile(path, 'utf8')) as DatasetInfo;
    const claim = (images: number, kind: DatasetInfo['kind'], rest: object = {}): Promise<void> =>
      writeFile(path, JSON.stringify({ ...info, images, kind, columns: [], ...rest }));
    for (const kind of ['imported', 'faces', 'sprites'] as const) {
      await claim(1e9, kind, { isDrawn: true });
      await expect(open('x-aaa111')).rejects.toThrow('does not describe a data set');
      await claim(9_000_000, kind, { isDrawn: true });
      await expect(open('x-aaa111')).rejects.toThrow('is damaged');
    }
  });

  it('whose description says no size holds images of 64×64', async () => {
    await store('x-aaa111', 'x');
    const path = join(scratch.workspace.datasets, 'x-aaa111', 'dataset.json');
    const { imageSize, ...before } = JSON.parse(await readFile(path, 'utf8')) as DatasetInfo;
    expect(imageSize).toBe(64);
    await writeFile(path, JSON.stringify(before));
    expect((await listDatasets(scratch.workspace))[0]!.imageSize).toBe(64);
    const dataset = await open('x-aaa111');
    expect(dataset.info.imageSize).toBe(64);
    expect(await dataset.readImages([7])).toEqual(new Uint8Array(4096).fill(7));
    await dataset.close();
  });

  it('whose description says another size than its images have is refused', async () => {
    await store('x-aaa111', 'x');
    const path = join(scratch.workspace.datasets, 'x-aaa111', 'dataset.json');
    const info = JSON.parse(await readFile(path, 'utf8')) as DatasetInfo;
    for (const [imageSize, bytes] of [
      [32, IMAGES * 1024],
      [128, IMAGES * 16_384],
    ] as const) {
      await writeFile(path, JSON.stringify({ ...info, imageSize }));
      await expect(open('x-aaa111')).rejects.toThrow(
        `images.u8 has ${IMAGES * 4096} bytes instead of ${bytes}`,
      );
    }
    for (const imageSize of [0, 48, 64.5, 1e9, '64', null]) {
      await writeFile(path, JSON.stringify({ ...info, imageSize }));
      await expect(open('x-aaa111')).rejects.toThrow('does not describe a data set');
    }
  });

  it('of sprites of another size than they are drawn in is refused', async () => {
    await store('x-aaa111', 'x');
    const path = join(scratch.workspace.datasets, 'x-aaa111', 'dataset.json');
    const info = JSON.parse(await readFile(path, 'utf8')) as DatasetInfo;
    await writeFile(path, JSON.stringify({ ...info, kind: 'sprites', columns: [], imageSize: 128 }));
    await expect(open('x-aaa111')).rejects.toThrow('its images are drawn 64×64, not 128×128');
  });

  it('of drawn images with a factor that nothing is drawn by is refused', async () => {
    await store('x-aaa111', 'x');
    const path = join(scratch.workspace.datasets, 'x-aaa111', 'dataset.json');
    const info = JSON.parse(await readFile(path, 'utf8')) as DatasetInfo;
    for (const kind of ['faces', 'sprites'] as const) {
      await writeFile(path, JSON.stringify({ ...info, kind, isDrawn: true }));
      await expect(open('x-aaa111')).rejects.toThrow('there is no factor a');
    }
  });

  it.each(['images.u8', 'columns.f32', 'names.json'])('is refused where %s is a pipe', async (file) => {
    await store('x-aaa111', 'x');
    const path = join(scratch.workspace.datasets, 'x-aaa111', file);
    await rm(path);
    execFileSync('mkfifo', [path]);
    const read = async (): Promise<unknown> => {
      const dataset = await open('x-aaa111');
      return dataset.names().finally(() => dataset.close());
    };
    await expect(read()).rejects.toThrow('is damaged');
  });

  it('is refused where its names are not as many as its images', async () => {
    await store('x-aaa111', 'x');
    await writeFile(join(scratch.workspace.datasets, 'x-aaa111', 'names.json'), '["a"]');
    const dataset = await open('x-aaa111');
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

  it('passes over what is no data set, or a damaged one', async () => {
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
    await removeDataset(scratch.workspace, 'a-aaa111');
    expect(await readdir(scratch.workspace.datasets)).toEqual(['b-bbb222']);
    await expect(removeDataset(scratch.workspace, 'a-aaa111')).rejects.toMatchObject({ code: 'not-found' });
  });
});
