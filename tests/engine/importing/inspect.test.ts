import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { inspectSource } from '../../../src/engine/importing/inspect.ts';
import { spread } from '../../../src/engine/importing/previews.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { encodeNpy } from '../../../src/engine/files/npy.ts';
import { makeZip } from '../files/make-zip.ts';
import { handmadePng, someJpeg } from '../image-files/pictures.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

const solid = (red: number, green: number, blue: number) => handmadePng(64, 64, 8, [red, green, blue]);
const at = (...names: string[]) => names.map((name) => join(scratch.folder, name));

async function put(files: Readonly<Record<string, Buffer | string>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(scratch.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}

const inspect = (paths: readonly string[], seed = 1) => inspectSource(paths, { crop: 'auto', seed });

/** The first pixel of each preview. */
function firstPixels({ data, shape }: { data: Uint8Array; shape: readonly number[] }): number[][] {
  const size = 64 * 64 * 3;
  return Array.from({ length: shape[0]! }, (_, i) => [...data.subarray(i * size, i * size + 3)]);
}

describe('spread', () => {
  it('takes one out of each part, all where there are few, and others by another seed', () => {
    expect(spread(5, 64, 1)).toEqual([0, 1, 2, 3, 4]);
    expect(spread(0, 64, 1)).toEqual([]);
    const some = spread(6400, 64, 1);
    some.forEach((index, part) => expect(Math.floor(index / 100)).toBe(part));
    expect(spread(6400, 64, 1)).toEqual(some);
    expect(spread(6400, 64, 2)).not.toEqual(some);
  });
});

describe('inspecting', () => {
  it('says of a folder what an import would make of it', async () => {
    await put({
      'smiling/a.png': solid(10, 20, 30),
      'smiling/b.png': solid(7, 7, 7),
      'neutral/c.png': solid(50, 60, 70),
      'neutral/broken.jpg': 'not a picture',
      'labels.csv': 'file,age\na.png,30\nb.png,40\nc.png,51\n',
    });
    const found = await inspect([scratch.folder]);
    expect(found).toMatchObject({
      images: 4,
      folders: [
        { name: 'neutral', images: 2 },
        { name: 'smiling', images: 2 },
      ],
      labels: { file: 'labels.csv', columns: ['age'] },
      previewNames: ['neutral/c.png', 'smiling/a.png', 'smiling/b.png'],
      examined: 4,
      firstSize: { width: 64, height: 64 },
      celebaShaped: false,
    });
    expect(firstPixels(found.previews)).toEqual([
      [50, 60, 70],
      [10, 20, 30],
      [7, 7, 7],
    ]);
    const info = await importDataset(scratch.workspace, scratch.folder, { crop: 'auto', workers: 1 });
    expect(found.unreadable).toEqual(info.skipped);
    expect(info.images + info.skipped.length).toBe(found.images);
  });

  it('cuts previews as asked, and says why a crop does not fit', async () => {
    await put({ 'wide.png': handmadePng(178, 218, 8, [200, 100, 0]), 'square.png': solid(1, 2, 3) });
    const auto = await inspectSource([scratch.folder], { crop: 'auto', seed: 1 });
    expect(auto.previewNames).toEqual(['square.png', 'wide.png']);
    expect(auto.celebaShaped).toBe(false);
    const celeba = await inspectSource([scratch.folder], { crop: 'celeba', seed: 1 });
    expect(celeba.previewNames).toEqual(['wide.png']);
    expect(celeba.unreadable).toEqual([
      { file: 'square.png', reason: expect.stringContaining('not of the shape of CelebA') as unknown },
    ]);
    expect((await inspect(at('wide.png'))).celebaShaped).toBe(true);
  });

  it('looks into a zip, and at several files and folders together', async () => {
    const zip = makeZip([
      { name: 'in/x.png', bytes: solid(1, 1, 1) },
      { name: 'in/y.png', bytes: solid(2, 2, 2) },
    ]);
    await put({ 'faces.zip': zip, 'one.png': solid(3, 3, 3), 'more/two.png': solid(4, 4, 4) });
    expect(await inspect(at('faces.zip'))).toMatchObject({
      images: 2,
      previewNames: ['in/x.png', 'in/y.png'],
    });
    const together = await inspect(at('one.png', 'more'));
    expect(together).toMatchObject({ images: 2, previewNames: ['one.png', 'more/two.png'] });
    await expect(inspect(at('faces.zip', 'one.png'))).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('looks into an NPZ', async () => {
    const images = Uint8Array.from({ length: 5 * 64 * 64 }, (_, i) => (Math.floor(i / 4096) % 2 ? 1 : 0));
    const npz = makeZip([
      { name: 'imgs.npy', bytes: Buffer.concat(encodeNpy({ shape: [5, 64, 64], data: images })) },
      {
        name: 'size.npy',
        bytes: Buffer.concat(encodeNpy({ shape: [5], data: Float32Array.of(0.5, 0.1, 0.3, 0.2, 0.9) })),
      },
    ]);
    await put({ 'sprites.npz': npz });
    const found = await inspect(at('sprites.npz'));
    expect(found).toMatchObject({ images: 5, labels: { columns: ['size'] }, examined: 5, unreadable: [] });
    expect(firstPixels(found.previews).map(([value]) => value)).toEqual([0, 255, 0, 255, 0]);
  });

  it('refuses what is no source, and finds nothing in an empty folder', async () => {
    await put({ 'notes.txt': 'hello', 'empty/notes.txt': 'hello' });
    await expect(inspect(at('notes.txt'))).rejects.toMatchObject({ code: 'bad-input' });
    await expect(inspect(at('gone'))).rejects.toMatchObject({ code: 'not-found' });
    expect(await inspect(at('empty'))).toMatchObject({ images: 0, examined: 0, previewNames: [] });
  });

  it.skipIf(!existsSync('../shared/data/celeba'))('sees CelebA for what it is', async () => {
    const found = await inspect(['../shared/data/celeba']);
    expect(found).toMatchObject({ images: 8000, celebaShaped: true, firstSize: { width: 89, height: 109 } });
    expect(found.labels?.columns).toHaveLength(40);
    expect(found.previews.shape).toEqual([64, 64, 64, 3]);
    expect(found.examined).toBeGreaterThanOrEqual(64);
  });
});

describe('importing several files and folders', () => {
  it('keeps names unique, folders as labels and a table among them as labels', async () => {
    await put({
      'a/face.png': solid(1, 0, 0),
      'b/face.png': solid(2, 0, 0),
      'b/deep/other.jpg': someJpeg(1),
      'face.png': solid(3, 0, 0),
      'elsewhere/face.png': solid(4, 0, 0),
      'age.csv': 'file,age\nb/face.png,31\nface.png,42\nface (2).png,53\n',
      'notes.txt': 'left out',
    });
    const paths = at('face.png', 'elsewhere/face.png', 'a', 'b', 'age.csv', 'notes.txt', 'face.png');
    const info = await importDataset(scratch.workspace, paths, { crop: 'auto', workers: 1 });
    expect(info).toMatchObject({
      images: 5,
      labels: { file: expect.stringContaining('age.csv') as unknown },
    });
    expect(info.skipped).toEqual([{ file: 'notes.txt', reason: 'it is neither an image nor a folder' }]);
    const dataset = await openDataset(scratch.workspace, info.id);
    const names = await dataset.names();
    expect(names).toEqual(['face.png', 'face (2).png', 'a/face.png', 'b/deep/other.jpg', 'b/face.png']);
    const images = await dataset.readImages([0, 1, 2, 4]);
    expect([0, 1, 2, 3].map((i) => images[i * 64 * 64 * 3])).toEqual([3, 4, 1, 2]);
    const age = await dataset.column(info.columns.find(({ name }) => name === 'age')!);
    expect([age[0], age[1], age[4]]).toEqual([42, 53, 31]);
    const folder = info.columns.find(({ name }) => name === 'folder')!;
    expect(folder.categories).toEqual(['a', 'b', 'b/deep']);
    await dataset.close();
  });

  it('names the data set after the folder that they lie in, and a folder with its labels as by itself', async () => {
    await put({ 'one.png': solid(1, 2, 3), 'two.png': solid(4, 5, 6), 'set/x.png': solid(7, 8, 9) });
    const both = await importDataset(scratch.workspace, at('one.png', 'two.png'), {
      crop: 'auto',
      workers: 1,
    });
    expect(both.name).toBe('source');
    await put({ 'labels.csv': 'file,age\nx.png,3\n' });
    const set = await importDataset(scratch.workspace, at('set', 'labels.csv'), { crop: 'auto', workers: 1 });
    expect(set).toMatchObject({ name: 'set', images: 1, columns: [{ name: 'age' }] });
  });
});
