import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importDataset, type ImportOptions } from '../../../src/engine/importing/import.ts';
import { readImage } from '../../../src/engine/image-files/read-image.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { encodeNpy } from '../../../src/engine/files/npy.ts';
import { builtEntry } from '../../../src/engine/basics/entry.ts';
import { lockFile } from '../../../src/system/lock.ts';
import { stagingLock } from '../../../src/system/remove.ts';
import { replacingOfFiles, startCli } from '../../cli/run-cli.ts';
import { makeZip } from '../files/make-zip.ts';
import { SEVERAL_HEIC, TRANSPARENT_HEIC } from '../../fixtures/heic.ts';
import {
  clearGif,
  gif,
  GREEN,
  handmadePng,
  pixel,
  quarters,
  RED,
  someJpeg,
} from '../image-files/pictures.ts';
import { makeScratch, storedNames, type Scratch } from '../data/workspace.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

async function put(files: Readonly<Record<string, Buffer | string>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(scratch.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}

function importFolder(options: Partial<ImportOptions> = {}) {
  return importDataset(scratch.workspace, scratch.folder, { crop: 'auto', workers: 1, ...options });
}

async function valuesOf(id: string): Promise<Record<string, number[]>> {
  const dataset = await openDataset(scratch.workspace, id);
  const columns: Record<string, number[]> = {};
  for (const column of dataset.info.columns) columns[column.name] = Array.from(await dataset.column(column));
  await dataset.close();
  return columns;
}

async function namesAndImages(id: string) {
  const dataset = await openDataset(scratch.workspace, id);
  const names = await dataset.names();
  const images = await dataset.readImages(names.map((_, i) => i));
  await dataset.close();
  return { names, images };
}

const solid = (red: number, green: number, blue: number) => handmadePng(64, 64, 8, [red, green, blue]);

describe('importing a folder', () => {
  it('keeps the order of names, the pixels and the folder as a label', async () => {
    await put({
      'smiling/2.png': solid(2, 0, 0),
      'smiling/1.png': solid(1, 0, 0),
      'neutral/10.png': solid(3, 0, 0),
      'neutral/notes.txt': 'not an image',
      '.DS_Store': 'hidden',
      'neutral/._10.png': 'hidden',
    });
    const info = await importFolder({ name: ' Smiles ' });
    expect(info).toMatchObject({
      name: 'Smiles',
      kind: 'imported',
      images: 3,
      channels: 3,
      crop: 'auto',
      skipped: [],
    });
    expect(info.id).toMatch(/^smiles-[0-9a-f]{6}$/);
    const { names, images } = await namesAndImages(info.id);
    expect(names).toEqual(['neutral/10.png', 'smiling/1.png', 'smiling/2.png']);
    expect([0, 1, 2].map((i) => images[i * 12288])).toEqual([3, 1, 2]);
    expect(info.columns).toEqual([
      { name: 'folder', type: 'categorical', categories: ['neutral', 'smiling'], factor: false },
    ]);
    expect(await valuesOf(info.id)).toEqual({ folder: [0, 1, 1] });
  });

  it('says which pictures were laid over white, and which are one of several in a file', async () => {
    await put({
      'a.heic': TRANSPARENT_HEIC,
      'b.heic': SEVERAL_HEIC,
      'c.gif': clearGif(RED),
      'd.png': solid(1, 2, 3),
    });
    expect(await importFolder()).toMatchObject({
      images: 4,
      notes: [
        'Transparency was laid over white in 2 pictures, such as a.heic.',
        'Only the primary picture was taken of files that hold several: b.heic.',
      ],
      skipped: [],
    });
  });

  it('is grey when every image is, and in colour from the first that is not, wherever it stands', async () => {
    const grey = Object.fromEntries(
      Array.from({ length: 70 }, (_, i) => [
        `${String(i).padStart(3, '0')}.png`,
        handmadePng(64, 64, 8, [i + 1]),
      ]),
    );
    await put(grey);
    const allGrey = await importFolder();
    expect(allGrey).toMatchObject({ images: 70, channels: 1 });
    expect((await namesAndImages(allGrey.id)).images[5 * 4096]).toBe(6);

    await put({ '060.png': solid(200, 10, 10) });
    const mixed = await importFolder();
    expect(mixed).toMatchObject({ images: 70, channels: 3 });
    const { images } = await namesAndImages(mixed.id);
    expect(Array.from(images.subarray(5 * 12288, 5 * 12288 + 3))).toEqual([6, 6, 6]);
    expect(Array.from(images.subarray(60 * 12288, 60 * 12288 + 3))).toEqual([200, 10, 10]);
  });

  it('skips what cannot be used, each with its reason, and says how far it is', async () => {
    const jpeg = someJpeg(1);
    await put({
      'a good.jpg': jpeg,
      'cut.jpg': jpeg.subarray(0, 700),
      'empty.png': '',
      'moving.gif': gif(RED, GREEN),
      'one.png': handmadePng(1, 1, 8, [0]),
      'bomb.png': handmadePng(8, 8, 8, [0], { stated: [20_000, 20_000] }),
      'text.jpeg': 'I am a text',
      'scan.tiff': 'II*\0 and so on',
      'really a png.jpg': solid(9, 9, 8),
    });
    let last: unknown;
    const info = await importFolder({ onProgress: (progress) => (last = progress) });
    expect(info.images).toBe(2);
    expect(Object.fromEntries(info.skipped.map(({ file, reason }) => [file, reason]))).toEqual({
      'cut.jpg': 'the JPEG ends early',
      'empty.png': 'the file is empty',
      'moving.gif': 'it is an animation (GIF)',
      'one.png': 'it is 1×1 pixels: too small (at least 8×8)',
      'bomb.png': 'it is 20000×20000 pixels; more than 100 million are not decoded',
      'text.jpeg': 'it is not an image: it holds text',
      'scan.tiff': 'the TIFF ends early',
    });
    expect(last).toMatchObject({ done: 9, total: 9, skipped: 7 });
  });

  it.skipIf(process.getuid?.() === 0)('skips what may not be read (not as root, who may)', async () => {
    await put({ 'a.jpg': someJpeg(1), 'locked.jpg': someJpeg(2) });
    const { chmod } = await import('node:fs/promises');
    await chmod(join(scratch.folder, 'locked.jpg'), 0);
    expect((await importFolder()).skipped).toEqual([
      { file: 'locked.jpg', reason: 'reading it is not allowed' },
    ]);
  });

  it('reports files with the same bytes, and imports them', async () => {
    await put({ 'a.jpg': someJpeg(1), 'b/a.jpg': someJpeg(1), 'c.jpg': someJpeg(2), 'd.jpg': someJpeg(1) });
    const info = await importFolder();
    expect(info.images).toBe(4);
    expect(info.duplicates).toEqual([
      { file: 'b/a.jpg', sameAs: 'a.jpg' },
      { file: 'd.jpg', sameAs: 'a.jpg' },
    ]);
  });

  it('follows links to files inside, refuses those that leave, and is not led round in circles', async () => {
    await put({ 'a.jpg': someJpeg(1), 'sub/b.jpg': someJpeg(2), '../outside/secret.jpg': someJpeg(3) });
    const at = (name: string) => join(scratch.folder, name);
    await symlink('a.jpg', at('inside.jpg'));
    await symlink('../outside/secret.jpg', at('leaves.jpg'));
    await symlink(join(scratch.folder, '../outside'), at('leaves too'));
    await symlink('nowhere.jpg', at('broken.jpg'));
    await symlink('.', at('round'));
    await symlink('..', at('sub/round'));
    const info = await importFolder();
    const { names } = await namesAndImages(info.id);
    expect(names).toEqual(['a.jpg', 'inside.jpg', 'sub/b.jpg']);
    expect(info.skipped).toEqual([
      { file: 'broken.jpg', reason: 'it is a link that leads nowhere' },
      { file: 'leaves too', reason: 'it is a link that leaves the folder' },
      { file: 'leaves.jpg', reason: 'it is a link that leaves the folder' },
    ]);
  });

  it.skipIf(process.platform !== 'linux')('reads names that are not UTF-8 as Latin-1', async () => {
    // Only Linux allows such names.
    const at = (name: string) =>
      Buffer.concat([Buffer.from(`${scratch.folder}/`), Buffer.from(name, 'latin1')]);
    await put({
      'latiné.png': solid(1, 0, 0),
      'labels.csv': 'file,age\nlatiné.png,1.5\nlatiné (2).png,2.5\n',
    });
    await mkdir(at('caf\xe9'));
    await writeFile(at('latin\xe9.png'), solid(2, 0, 0));
    await writeFile(at('latin\xe8.png'), solid(3, 0, 0));
    await writeFile(at('caf\xe9/1.png'), solid(4, 0, 0));
    await writeFile(at('caf\xe9/cut.png'), solid(4, 0, 0).subarray(0, 60));
    await symlink('/etc/passwd', at('caf\xe9/out.png'));
    await symlink(at('latin\xe8.png'), at('in\xe9.png'));
    const info = await importFolder();
    const { names, images } = await namesAndImages(info.id);
    expect(names).toEqual(['café/1.png', 'iné.png', 'latinè.png', 'latiné.png', 'latiné (2).png']);
    expect(names.map((_, i) => images[i * 12288])).toEqual([4, 3, 3, 1, 2]);
    // Joined by the names as they are shown; the one without a row is not given another's.
    expect((await valuesOf(info.id))['age']).toEqual([Number.NaN, Number.NaN, Number.NaN, 1.5, 2.5]);
    expect(info.skipped).toEqual([
      { file: 'café/out.png', reason: 'it is a link that leaves the folder' },
      { file: 'café/cut.png', reason: 'the PNG ends early' },
    ]);
  });

  it('manages one image, unicode, long names and a single file as the source', async () => {
    const name = `${'ü日本語'.repeat(18)}.jpg`;
    await put({ [name]: someJpeg(1) });
    const info = await importFolder({ name: '日本語' });
    expect(info.id).toMatch(/^data-[0-9a-f]{6}$/);
    expect((await namesAndImages(info.id)).names).toEqual([name]);
    const single = await importDataset(scratch.workspace, join(scratch.folder, name), { crop: 'square' });
    expect(single.images).toBe(1);
    expect((await namesAndImages(single.id)).images).toEqual((await namesAndImages(info.id)).images);
  });

  it("cuts as asked, and lists what is not of CelebA's shape", async () => {
    const canvas = quarters(128, 64, [RED, GREEN, RED, GREEN]);
    await put({ 'wide.png': canvas.toBuffer('image/png'), 'face.jpg': someJpeg(1, 178, 218) });
    const square = await importFolder({ crop: 'square' });
    expect(square.images).toBe(2);
    expect(pixel((await namesAndImages(square.id)).images.subarray(12288), 0, 0)).toEqual([...RED]);
    const celeba = await importFolder({ crop: 'celeba' });
    expect(celeba.images).toBe(1);
    expect(celeba.skipped[0]).toMatchObject({
      file: 'wide.png',
      reason: expect.stringContaining('128×64') as string,
    });
  });

  it('takes the same bytes from several threads as from one', async () => {
    await put(Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`${i}.jpg`, someJpeg(i)])));
    const one = await namesAndImages((await importFolder({ workers: 1 })).id);
    const three = await namesAndImages((await importFolder({ workers: 3 })).id);
    expect(three.names).toEqual(one.names);
    expect(Buffer.from(three.images).equals(Buffer.from(one.images))).toBe(true);
  });

  it('changes nothing in the folder it reads', async () => {
    await put({ 'a.jpg': someJpeg(1), 'sub/b.jpg': someJpeg(2) });
    const before = await stat(join(scratch.folder, 'sub/b.jpg'));
    await importFolder();
    expect((await readdir(scratch.folder, { recursive: true })).sort()).toEqual([
      'a.jpg',
      'sub',
      'sub/b.jpg',
    ]);
    expect((await stat(join(scratch.folder, 'sub/b.jpg'))).mtimeMs).toBe(before.mtimeMs);
    expect((await readFile(join(scratch.folder, 'a.jpg'))).equals(someJpeg(1))).toBe(true);
  });

  it('explains itself where there is nothing to import, and leaves nothing behind', async () => {
    await expect(importFolder()).rejects.toThrow('There are no images in');
    await put({ 'a.jpg': 'text', 'b.jpg': 'text too', 'c.png': '' });
    await expect(importFolder()).rejects.toThrow(
      /None of the 3 image files in .* could be used: it is not an image: it holds text \(2\); the file is empty \(1\)/,
    );
    await expect(
      importDataset(scratch.workspace, join(scratch.folder, 'no'), { crop: 'auto' }),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
    await put({ 'letter.doc': 'Dear Sir' });
    await expect(
      importDataset(scratch.workspace, join(scratch.folder, 'letter.doc'), { crop: 'auto' }),
    ).rejects.toThrow('neither a folder, an archive, a file of arrays nor an image');
    expect(await storedNames(scratch.workspace)).toEqual([]);
  });
});

describe('labels', () => {
  const attributes = '3\nBald Smiling\n1.jpg -1 1\n2.jpg 1 -1\n9.jpg 1 1\n';

  it.each([
    'list_attr_celeba.txt',
    '../list_attr_celeba.txt',
    '../../list_attr_celeba.txt',
    '../Anno/list_attr_celeba.txt',
  ])('of CelebA are found at %s', async (place) => {
    const folder = join(scratch.folder, 'celeba/img_align_celeba');
    await put({
      'celeba/img_align_celeba/1.jpg': someJpeg(1),
      'celeba/img_align_celeba/2.jpg': someJpeg(2),
      [join('celeba/img_align_celeba', place)]: attributes,
    });
    const info = await importDataset(scratch.workspace, folder, { crop: 'auto', workers: 1 });
    expect(await valuesOf(info.id)).toEqual({ Bald: [0, 1], Smiling: [1, 0] });
    expect(info.labels).toMatchObject({ rowsWithoutImage: 1, imagesWithoutRow: 0 });
  });

  it('of CelebA are found above a wrapper folder, which is no label itself', async () => {
    await put({ 'img_align_celeba/1.jpg': someJpeg(1), 'list_attr_celeba.txt': attributes });
    const info = await importFolder();
    expect(info.columns.map(({ name }) => name)).toEqual(['Bald', 'Smiling']);
  });

  it('are joined from the table that is named', async () => {
    await put({ 'a/1.jpg': someJpeg(1), 'b/2.jpg': someJpeg(2), 'broken.jpg': 'x', 'c/3.jpg': someJpeg(3) });
    const labels = join(scratch.folder, 'mine.csv');
    await writeFile(
      labels,
      'file,age,folder\n2.jpg,20.5,x\n1.jpg,30.5,y\nbroken.jpg,1.5,x\ngone.jpg,7.5,y\n',
    );
    const info = await importFolder({ labels });
    expect(info.columns.map(({ name, type }) => [name, type])).toEqual([
      ['folder', 'categorical'],
      ['age', 'continuous'],
      ['folder 2', 'binary'],
    ]);
    expect(await valuesOf(info.id)).toEqual({
      folder: [0, 1, 2],
      age: [30.5, 20.5, Number.NaN],
      'folder 2': [1, 0, Number.NaN],
    });
    expect(info.labels).toMatchObject({ rowsWithoutImage: 2, imagesWithoutRow: 1 });
  });

  it('that fit no image are an error if they were asked for, and passed over if they were found', async () => {
    await put({ '1.jpg': someJpeg(1), 'other.csv': 'product,price\napple,3\n' });
    const labels = join(scratch.folder, 'other.csv');
    await expect(importFolder({ labels })).rejects.toThrow(
      'its first row is for “apple”, the first image is “1.jpg”',
    );
    await expect(importFolder({ labels: `${labels}x` })).rejects.toMatchObject({ code: 'not-found' });
    expect((await importFolder()).columns).toEqual([]);
    expect(await storedNames(scratch.workspace)).toHaveLength(1);
  });
});

describe('tables of labels that are not what they seem', () => {
  const celeba = 'Bald\n1.jpg 1\n2.jpg -1\n';
  const table = 'file,secret\n1.jpg,1.5\n2.jpg,2.5\n';
  const images = () => put({ '1.jpg': someJpeg(1), '2.jpg': someJpeg(2) });

  it.each([
    ['list_attr_celeba.txt', celeba],
    ['list_attr_celeba.csv', table],
    ['labels.csv', table],
  ])('are not used where they are links that leave the folder: %s', async (name, text) => {
    await images();
    await put({ [`../elsewhere/${name}`]: text });
    await symlink(`../elsewhere/${name}`, join(scratch.folder, name));
    const info = await importFolder();
    expect(info.columns).toEqual([]);
    expect(info.labels).toBeUndefined();
    expect(info.skipped).toEqual([{ file: name, reason: 'it is a link that leaves the folder' }]);
  });

  it.each(['', '..', '../..'])(
    'are not used through a folder that is such a link: %s/Anno',
    async (above) => {
      const folder = join(scratch.folder, 'a/b/images');
      await put({ 'a/b/images/1.jpg': someJpeg(1), '../elsewhere/list_attr_celeba.txt': celeba });
      await symlink(join(scratch.folder, '../elsewhere'), join(folder, above, 'Anno'));
      const info = await importDataset(scratch.workspace, folder, { crop: 'auto', workers: 1 });
      expect(info.columns).toEqual([]);
    },
  );

  it('are used where they are links inside the folder', async () => {
    await images();
    await put({ 'lists/attributes': celeba });
    await symlink('lists/attributes', join(scratch.folder, 'list_attr_celeba.txt'));
    expect((await importFolder()).columns.map(({ name }) => name)).toEqual(['Bald']);
  });

  it('are listed where they are too large to be used', async () => {
    await images();
    const names = Array.from({ length: 30_000 }, (_, i) => `c${i}`).join(',');
    await put({ 'labels.csv': `file,${names}\n` });
    const info = await importFolder();
    expect(info.columns).toEqual([]);
    expect(info.skipped).toEqual([
      {
        file: 'labels.csv',
        reason: 'it was not used for labels. It has 30,001 columns, and at most 4,096 are read.',
      },
    ]);
  });

  it('may have thousands of columns of one name', async () => {
    await images();
    const columns = 4000;
    const row = (value: number) => Array.from({ length: columns }, () => value + 0.5).join(',');
    const header = Array.from({ length: columns }, () => 'same').join(',');
    await put({ 'labels.csv': `file,${header}\n1.jpg,${row(1)}\n2.jpg,${row(2)}\n` });
    const info = await importFolder();
    expect(info.columns).toHaveLength(columns);
    expect(info.columns[0]!.name).toBe('same');
    expect(info.columns.at(-1)!.name).toBe('same 4000');
  });
});

describe('importing a zip', () => {
  async function importZip(...parameters: Parameters<typeof makeZip>) {
    const path = join(scratch.folder, 'faces.zip');
    await writeFile(path, makeZip(...parameters));
    return importDataset(scratch.workspace, path, { crop: 'auto', workers: 2 });
  }

  it('gives what its folder would give', async () => {
    const files: Record<string, Buffer | string> = {
      'neutral/1.jpg': someJpeg(1),
      'smiling/2.jpg': someJpeg(2),
      'smiling/3.jpg': someJpeg(1),
      'labels.csv': 'name,age\n1.jpg,20.5\n2.jpg,30.5\n3.jpg,40.5\n',
      'bad.jpg': 'text',
    };
    await put(files);
    const folder = await importFolder();
    const entries = Object.entries(files).map(([name, bytes]) => ({
      name: `wrapper/${name}`,
      bytes: Buffer.from(bytes),
      deflate: true,
    }));
    const zip = await importZip([...entries, { name: '__MACOSX/wrapper/._1.jpg', bytes: Buffer.from('x') }]);
    expect(zip.columns).toEqual(folder.columns);
    expect(await valuesOf(zip.id)).toEqual(await valuesOf(folder.id));
    expect((await namesAndImages(zip.id)).images).toEqual((await namesAndImages(folder.id)).images);
    expect(zip.duplicates).toEqual([{ file: 'wrapper/smiling/3.jpg', sameAs: 'wrapper/neutral/1.jpg' }]);
    expect(zip.name).toBe('faces');
  });

  it('refuses entries that climb out of it, bombs and damage, and imports the rest', async () => {
    const info = await importZip([
      { name: 'good.jpg', bytes: someJpeg(1) },
      { name: '../evil.jpg', bytes: someJpeg(2) },
      { name: '/abs.jpg', bytes: someJpeg(3) },
      { name: 'bomb.png', bytes: Buffer.alloc(20_000_000), deflate: true, statedSize: 100 },
      { name: 'huge.png', bytes: someJpeg(4), deflate: true, statedSize: 0xf0000000 },
      { name: 'wrong.jpg', bytes: someJpeg(5), statedCrc: 7 },
    ]);
    expect(info.images).toBe(1);
    expect(Object.fromEntries(info.skipped.map(({ file, reason }) => [file, reason]))).toEqual({
      '../evil.jpg': 'its name climbs out of the archive',
      '/abs.jpg': 'its name is absolute and would leave the archive',
      'bomb.png': 'it unpacks to more than it states',
      'huge.png': 'it is larger than 256 MB',
      'wrong.jpg': 'the archive is damaged here',
    });
  });

  it('uses no table of labels that is a link or climbs out', async () => {
    const list = Buffer.from('Bald\n1.jpg 1\n');
    const info = await importZip([
      { name: '1.jpg', bytes: someJpeg(1) },
      { name: 'list_attr_celeba.txt', bytes: list, mode: 0o120777 },
      { name: '../list_attr_celeba.txt', bytes: list },
      { name: 'labels.csv', bytes: Buffer.from('file,a\n1.jpg,0.5\n'), mode: 0o120777 },
    ]);
    expect(info.columns).toEqual([]);
    expect(info.skipped.map(({ file }) => file)).toEqual([
      '../list_attr_celeba.txt',
      'labels.csv',
      'list_attr_celeba.txt',
    ]);
  });
});

describe('importing an NPZ', () => {
  const npy = (shape: number[], data: Float64Array | Uint8Array | Int32Array) =>
    Buffer.concat(encodeNpy({ shape, data }));

  async function importNpz(arrays: Readonly<Record<string, Buffer>>) {
    const path = join(scratch.folder, 'x.npz');
    const entries = Object.entries(arrays).map(([name, bytes]) => ({
      name: `${name}.npy`,
      bytes,
      deflate: true,
    }));
    await writeFile(path, makeZip(entries));
    return importDataset(scratch.workspace, path, { crop: 'auto' });
  }

  it("reads dSprites' layout: masks become black and white, latents columns", async () => {
    const imgs = new Uint8Array(30 * 4096).map((_, i) => (i % 7 === Math.floor(i / 4096) % 7 ? 1 : 0));
    const values = Float64Array.from({ length: 30 * 6 }, (_, i) => {
      const row = Math.floor(i / 6);
      const turn = (2 * Math.PI) / 39;
      return [1, (row % 3) + 1, 0.5 + (row % 5) / 10, row * turn, row / 31, (row % 7) / 31][i % 6]!;
    });
    const metadata = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00F\x00', 'latin1'),
      Buffer.from("{'descr': '|O', 'fortran_order': False, 'shape': (), }".padEnd(70)),
    ]);
    const info = await importNpz({
      metadata,
      imgs: npy([30, 64, 64], imgs),
      latents_values: npy([30, 6], values),
    });
    expect(info).toMatchObject({
      images: 30,
      channels: 1,
      skipped: [
        { file: 'metadata', reason: 'it holds Python objects, which are never unpickled' },
        { file: 'latents_values, colour', reason: 'it is the same for every image (1)' },
      ],
    });
    const { names, images } = await namesAndImages(info.id);
    expect(names[7]).toBe('07');
    expect(Array.from(images.subarray(0, 9))).toEqual(Array.from(imgs.subarray(0, 9), (bit) => bit * 255));
    expect(info.columns[0]).toEqual({
      name: 'shape',
      type: 'categorical',
      categories: ['square', 'ellipse', 'heart'],
      factor: true,
    });
    expect(info.columns.map(({ name }) => name)).toEqual([
      'shape',
      'scale',
      'orientation',
      'horizontal position',
      'vertical position',
    ]);
    const columns = await valuesOf(info.id);
    expect(columns['shape']!.slice(0, 4)).toEqual([0, 1, 2, 0]);
    expect(columns['scale']![1]).toBeCloseTo(0.6);
  });

  it('reads plain images in colour of another size, with labels', async () => {
    const images = Uint8Array.from(
      { length: 12 * 32 * 32 * 3 },
      (_, i) => [200, 100, Math.floor(i / 3072)][i % 3]!,
    );
    const info = await importNpz({
      images: npy([12, 32, 32, 3], images),
      labels: npy(
        [12],
        Int32Array.from({ length: 12 }, (_, i) => i % 3),
      ),
    });
    expect(info).toMatchObject({ images: 12, channels: 3 });
    expect(pixel((await namesAndImages(info.id)).images.subarray(5 * 12288), 63, 63)).toEqual([200, 100, 5]);
    expect(info.columns).toEqual([
      { name: 'labels', type: 'categorical', categories: ['0', '1', '2'], factor: false },
    ]);
  });

  it.each([
    [
      { other: npy([2, 64], new Uint8Array(128)) },
      'none of the arrays of this NPZ holds images (other [2, 64])',
    ],
    [{ imgs: npy([2, 64], new Uint8Array(128)) }, 'its “imgs” is [2, 64]'],
    [{ imgs: npy([1, 64, 64], new Float64Array(4096).fill(1000)) }, 'reach from 1,000 to 1,000'],
    [
      { imgs: npy([10_000_001, 1, 1], new Uint8Array(10_000_001)) },
      'it holds 10,000,001 images, and at most 10,000,000 are read',
    ],
  ])('says what is wrong with another layout', async (arrays: Record<string, Buffer>, message) => {
    await expect(importNpz(arrays)).rejects.toThrow(message);
    expect(await storedNames(scratch.workspace)).toEqual([]);
  });

  it.each([
    [npy([2, 6], new Float64Array(12)), 'it is [2, 6], and there are 1 images'],
    [npy([1, 30_000], new Uint8Array(30_000)), 'it has 30,000 columns, and at most 4,096 are read'],
    [npy([1, 6, 2], new Float64Array(12)), 'it is [1, 6, 2], and labels are [N] or [N, columns]'],
  ])('leaves out and names latents that do not fit (%#)', async (latents_values, reason) => {
    const info = await importNpz({ imgs: npy([1, 64, 64], new Uint8Array(4096)), latents_values });
    expect(info).toMatchObject({ images: 1, columns: [], skipped: [{ file: 'latents_values', reason }] });
  });
});

describe('an import that ends before its time', () => {
  /** Waits until an import has begun to write. */
  async function staging(): Promise<string[]> {
    for (;;) {
      const names = (await storedNames(scratch.workspace)).filter((name) => name.endsWith('.part'));
      if (names.length) return names;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('leaves nothing behind when it is cancelled', async () => {
    await put(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.jpg`, someJpeg(i)])));
    const controller = new AbortController();
    const running = importFolder({ signal: controller.signal });
    const outcome = expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await staging();
    controller.abort();
    await outcome;
    expect(await storedNames(scratch.workspace)).toEqual([]);
    await expect(importFolder({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await storedNames(scratch.workspace)).toEqual([]);
  });

  it('leaves nothing for the next one when it is killed', async () => {
    await put(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.png`, solid(i, i % 7, 9)])));
    // It stops for ever where the data set would be put into its place, so that no import is too quick to be killed.
    const before = replacingOfFiles(
      'rename',
      `(from, to) => {
        if (!String(from).endsWith('.part')) return original(from, to);
        process.stdout.write('held\\n');
        return new Promise(() => setInterval(() => undefined, 1e6));
      }`,
    );
    let hold = (): void => undefined;
    const held = new Promise<void>((resolve) => (hold = resolve));
    const importing = startCli(['import', scratch.folder, '--workspace', scratch.workspace.root], {
      before,
      onOutput: (text) => {
        if (text.includes('held\n')) hold();
      },
    });
    await Promise.race([held, importing.ended.then(({ stderr }) => expect.fail(stderr))]);
    const [left] = (await storedNames(scratch.workspace)).filter((name) => name.endsWith('.part'));
    importing.process.kill('SIGKILL');
    await importing.ended;
    expect(await storedNames(scratch.workspace)).toEqual([left, `${left}.lock`]);
    const info = await importFolder();
    expect(await storedNames(scratch.workspace)).toEqual([info.id]);
  });

  it('keeps its hands off an import that is still at work', async () => {
    await put({ 'a.jpg': someJpeg(1) });
    // No process has this number, such as in another container: its lock alone says that it is at work.
    const theirs = `.faces-000000.99999999.0123abcd.part`;
    const path = join(scratch.workspace.datasets, theirs);
    await mkdir(path, { recursive: true });
    const lock = await lockFile(stagingLock(path));
    await importFolder();
    expect(await storedNames(scratch.workspace)).toContain(theirs);
    lock!.release();
    await importFolder();
    expect((await storedNames(scratch.workspace)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is cleared up after, though its number is that of a process that runs', async () => {
    await put({ 'a.jpg': someJpeg(1) });
    const theirs = `.faces-000000.${process.pid}.0123abcd.part`;
    await mkdir(join(scratch.workspace.datasets, theirs), { recursive: true });
    await writeFile(join(scratch.workspace.datasets, `${theirs}.lock`), '');
    await importFolder();
    expect((await storedNames(scratch.workspace)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('skips the file on which a thread crashes, and only that', async () => {
    const names = Array.from(
      { length: 60 },
      (_, i) => `${String(i).padStart(2, '0')}${i % 25 === 7 ? ' crash' : ''}.jpg`,
    );
    await put(Object.fromEntries(names.map((name, i) => [name, someJpeg(i)])));
    // The real worker, in a thread that ends as soon as a file called so is opened.
    const workerEntry = join(scratch.folder, 'crashing-worker.mjs');
    await writeFile(
      workerEntry,
      `import fs from 'node:fs';
       import { syncBuiltinESMExports } from 'node:module';
       const { openSync } = fs;
       fs.openSync = (path, ...rest) => (String(path).includes('crash.jpg') ? process.exit(3) : openSync(path, ...rest));
       syncBuiltinESMExports();
       await import(${JSON.stringify(builtEntry('import-worker'))});`,
    );
    const info = await importFolder({ workerEntry });
    expect(info.images).toBe(57);
    expect(info.skipped).toEqual(
      names
        .filter((name) => name.includes('crash'))
        .map((file) => ({ file, reason: 'the decoder stopped on it' })),
    );
    const plain = await importFolder();
    expect(plain.images).toBe(60);
    const [kept, all] = [await namesAndImages(info.id), await namesAndImages(plain.id)];
    kept.names.forEach((name, i) => {
      const at = all.names.indexOf(name);
      const image = kept.images.subarray(i * 12288, (i + 1) * 12288);
      expect(Buffer.from(image).equals(Buffer.from(all.images.subarray(at * 12288, (at + 1) * 12288)))).toBe(
        true,
      );
    });
  });

  it('fails where threads cannot work at all', async () => {
    // More than are read at a time: whoever has not been waited for yet must not end the process.
    await put(Object.fromEntries(Array.from({ length: 1030 }, (_, i) => [`${i}.jpg`, ''])));
    const workerEntry = join(scratch.folder, 'worker.mjs');
    await writeFile(workerEntry, 'throw new Error("no decoder");');
    await expect(importFolder({ workerEntry })).rejects.toThrow('keep stopping: no decoder');
    expect(await storedNames(scratch.workspace)).toEqual([]);
  });
});

describe('threads of an import that has finished', () => {
  const someJpegs = (count: number, from = 0) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.jpg`, someJpeg(from + i)]));

  it('read the next one, of another kind and cut', async () => {
    await put(someJpegs(150));
    const first = await namesAndImages((await importFolder({ workers: 2 })).id);
    let started = 0;
    const count = (): void => void (started += 1);
    process.on('worker', count);
    try {
      const zip = `${scratch.folder}.zip`;
      for (const from of [500, 700]) {
        await writeFile(
          zip,
          makeZip(Object.entries(someJpegs(70, from)).map(([name, bytes]) => ({ name, bytes }))),
        );
        const zipped = await importDataset(scratch.workspace, zip, { crop: 'none', workers: 2 });
        const { names, images } = await namesAndImages(zipped.id);
        // The archive of before is not kept open.
        const own = new Uint8Array(12288);
        readImage(someJpeg(from + Number.parseInt(names[0]!)), { crop: 'none', imageSize: 64 }, own);
        expect(images.subarray(0, 12288)).toEqual(own);
      }
      const second = await namesAndImages((await importFolder({ workers: 2 })).id);
      expect(second.names).toEqual(first.names);
      expect(Buffer.from(second.images).equals(Buffer.from(first.images))).toBe(true);
    } finally {
      process.off('worker', count);
    }
    expect(started).toBe(0);
  });

  it('are made anew after an import that was cancelled', async () => {
    await put(someJpegs(200));
    await importFolder();
    const controller = new AbortController();
    const cancelled = importFolder({ signal: controller.signal, onProgress: () => controller.abort() });
    // It may have been quicker than its first report.
    await cancelled.catch((error: unknown) => expect(error).toMatchObject({ code: 'cancelled' }));
    expect((await importFolder()).images).toBe(200);
  });

  it('do not keep a process alive', async () => {
    await put(someJpegs(150));
    const program = join(scratch.folder, '../program.mjs');
    await writeFile(
      program,
      `import { main } from ${JSON.stringify(builtEntry('cli'))};
       const threads = [];
       process.on('worker', (worker) => threads.push(worker));
       process.exitCode = await main(process.argv.slice(2));
       let resting = threads.length;
       for (const thread of threads) thread.on('exit', () => (resting -= 1));
       process.on('exit', () => console.log(JSON.stringify({ started: threads.length, resting })));`,
    );
    const args = [program, 'import', scratch.folder, '--workspace', scratch.workspace.root, '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
    // Had the process waited for them, they would have ended before it.
    const { started, resting } = JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, number>;
    expect(started).toBeGreaterThan(0);
    expect(resting).toBe(started);
  });
});
