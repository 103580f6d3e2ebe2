import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { splitDataset } from '../../../src/engine/data/split.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { importDataset, type ImportOptions } from '../../../src/engine/importing/import.ts';
import { inspectSource } from '../../../src/engine/importing/inspect.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';
import { makeZip } from '../files/make-zip.ts';
import { handmadePng } from '../image-files/pictures.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

const at = (...parts: string[]) => join(scratch.folder, ...parts);
const png = (red: number) => handmadePng(64, 64, 8, [red, 0, 0]);

async function put(files: Readonly<Record<string, Buffer | string>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), bytes);
  }
}

const pictures = (...names: string[]) => Object.fromEntries(names.map((name, i) => [name, png(i + 1)]));
const importAt = (path: string, options: Partial<ImportOptions> = {}) =>
  importDataset(scratch.workspace, at(path), { crop: 'auto', workers: 1, ...options });
const ATTRIBUTES = '3\nBald Smiling\n1.jpg -1 1\n2.jpg 1 -1\n9.jpg 1 1\n';

describe('tables found with the images', () => {
  it('lie beside a zip, or in it', async () => {
    const zip = makeZip([
      { name: 'faces/1.png', bytes: png(1) },
      { name: 'faces/2.png', bytes: png(2) },
      { name: 'age.csv', bytes: Buffer.from('f,age\n1.png,20.5\n2.png,21.5\n') },
    ]);
    await put({ 'faces.zip': zip, 'list_attr_celeba.txt': ATTRIBUTES });
    const info = await importAt('faces.zip');
    expect(info.columns.map(({ name }) => name)).toEqual(['age', 'Bald', 'Smiling']);
    await expect(importAt('.')).rejects.toThrow('but the archive faces.zip');
  });

  it('are all joined, whatever they are called', async () => {
    await put({
      ...pictures('000.png', '001.png'),
      'a_hashes.csv': 'file,md5\n000.png,aa\n001.png,bb\n',
      'labels.csv': 'file,g\n000.png,1\n001.png,0\n',
      'prices.csv': 'product,price\napple,3\n',
    });
    const info = await importAt('.');
    expect(info.columns.map(({ name }) => name)).toEqual(['g', 'md5']);
    expect(info.skipped).toEqual([
      {
        file: 'prices.csv',
        reason:
          'it was not used for labels. No column of it names the images: its first row is for “apple”, the first image is “000.png”.',
      },
    ]);
  });

  it('that are broken are named with their path, and do not stop the import', async () => {
    await put({
      ...pictures('img/1.png'),
      'list_attr_celeba.txt': '<!DOCTYPE html>\n<html>Quota exceeded</html>',
    });
    const info = await importAt('img');
    expect(info.images).toBe(1);
    expect(info.skipped).toEqual([
      {
        file: at('list_attr_celeba.txt'),
        reason: 'it was not used for labels. It is a web page or XML, not a table.',
      },
    ]);
  });

  it('are not those of other images of the same names, two folders up', async () => {
    await put({ ...pictures('cars/images/1.jpg'), 'list_attr_celeba.txt': ATTRIBUTES });
    const info = await importAt('cars/images');
    expect(info.columns).toEqual([]);
    expect(info.skipped[0]!.reason).toContain(
      'it was not used for labels. It lies two folders above the images',
    );
    expect((await importAt('cars/images', { labels: at('list_attr_celeba.txt') })).columns).toHaveLength(2);
  });

  it('are none where a person wants none, or another one', async () => {
    await put({
      ...pictures('1.png', '2.png'),
      'a.csv': 'f,v\n1.png,1.5\n2.png,2.5\n',
      'b.csv': 'f,w\n1.png,1.5\n',
    });
    expect((await importAt('.', { labels: false })).columns).toEqual([]);
    const chosen = await importAt('.', { tables: [{ file: 'b.csv' }] });
    expect(chosen.columns.map(({ name }) => name)).toEqual(['w']);
    await expect(importAt('.', { tables: [{ file: 'c.csv' }] })).rejects.toThrow(
      'c.csv cannot be used for labels',
    );
    const both = await importAt('.', { labels: [at('a.csv'), at('b.csv')] });
    expect(both.columns.map(({ name }) => name)).toEqual(['v', 'w']);
    await expect(importAt('.', { nameColumn: 'nothing' })).rejects.toThrow(
      'No table is joined by the column “nothing”',
    );
  });

  it('are refused where a person named one whose names fit several images', async () => {
    await put({ ...pictures('a/0.png', 'b/0.png'), 'labels.csv': 'file,age\n0.png,20\n' });
    await expect(importAt('.', { labels: at('labels.csv') })).rejects.toThrow(
      '“0.png” may be a/0.png or b/0.png',
    );
    expect((await importAt('.')).skipped[0]!.reason).toContain('“0.png” may be a/0.png or b/0.png');
  });

  it('are of the folder that is imported, where another has files of the same names', async () => {
    await put({
      ...pictures('train/1.png', 'train/2.png', 'val/1.png'),
      'label_train.csv': 'file,age\ntrain/1.png,20.5\ntrain/2.png,21.5\n',
      'label_val.csv': 'file,age\nval/1.png,90.5\n',
    });
    const info = await importAt('train');
    expect(info.labels!.tables!.map(({ file }) => file)).toEqual([at('label_train.csv')]);
    const all = await importAt('.');
    expect(all.columns.map(({ name }) => name)).toEqual(['split', 'age']);
    expect(all.labels).toMatchObject({ imagesWithoutRow: 0 });
  });

  it('are shown before the import, with rows', async () => {
    await put({
      ...pictures('1.png', '2.png'),
      'a.csv': 'f,v\n1.png,1.5\n2.png,2.5\n',
      'b.csv': 'x,w\nq,1.5\n',
    });
    const { tables, labels } = await inspectSource([at('.')], { crop: 'auto', seed: 1 });
    expect(labels).toEqual({ file: 'a.csv', columns: ['v'], leftOut: [] });
    expect(tables).toMatchObject([
      {
        file: 'a.csv',
        joined: {
          nameColumn: 'f',
          images: 2,
          examples: [{ image: '1.png', name: '1.png', values: ['1.5'] }, {}],
        },
      },
      { file: 'b.csv', reason: expect.stringContaining('no column of it names the images') as unknown },
    ]);
    const none = await inspectSource([at('.')], { crop: 'auto', seed: 1, labels: { tables: [] } });
    expect(none.labels).toBeUndefined();
    expect(none.tables[0]!.reason).toBe('another choice was made');
  });
});

describe('an official split', () => {
  it('of folders decides what is held out, and leaves the classes as they are', async () => {
    await put(
      pictures('train/cat/0.png', 'train/dog/1.png', 'val/cat/2.png', 'test/dog/3.png', 'test/cat/4.png'),
    );
    const info = await importAt('.');
    expect(info.split).toEqual({ column: 'split', train: 2, validation: 1, test: 2, unknown: 0 });
    expect(info.columns.map(({ name }) => name)).toEqual(['split', 'folder']);
    const dataset = await openDataset(scratch.workspace, info.id);
    const names = await dataset.names();
    const { train, heldOut } = await splitDataset(dataset, 0.05);
    expect(Array.from(heldOut, (i) => names[i])).toEqual(['test/cat/4.png', 'test/dog/3.png']);
    expect(Array.from(train, (i) => names[i]).sort()).toEqual(['train/cat/0.png', 'train/dog/1.png']);
    await dataset.close();
  });

  it('of a list is that of the list, and validation is held out where there is no test', async () => {
    await put({
      ...pictures('1.jpg', '2.jpg', '3.jpg'),
      'list_eval_partition.txt': '1.jpg 0\n2.jpg 1\n3.jpg 0\n',
    });
    const info = await importAt('.');
    expect(info.split).toEqual({ column: 'partition', train: 2, validation: 1, test: 0, unknown: 0 });
    const dataset = await openDataset(scratch.workspace, info.id);
    expect(Array.from((await splitDataset(dataset, 0.5)).heldOut)).toEqual([1]);
    await dataset.close();
  });
});

describe('links that leave the folder', () => {
  it('are followed into a folder that a person names, and no further', async () => {
    await put({
      'cache/blobs/one': png(1),
      'cache/blobs/two': png(2),
      'cache/blobs/labels': 'file,v\n0.png,1.5\n',
      'outside.png': png(3),
    });
    await mkdir(at('cache/snapshots/abc'), { recursive: true });
    await symlink('../../blobs/one', at('cache/snapshots/abc/0.png'));
    await symlink('../../blobs/two', at('cache/snapshots/abc/1.png'));
    await symlink('../../blobs/labels', at('cache/snapshots/abc/metadata.csv'));
    await symlink('../../../outside.png', at('cache/snapshots/abc/2.png'));
    await symlink('../..', at('cache/snapshots/abc/round'));
    await expect(importAt('cache/snapshots/abc')).rejects.toThrow('it is a link that leaves the folder');
    const info = await importAt('cache/snapshots/abc', { followLinks: at('cache') });
    expect(info).toMatchObject({ images: 2, columns: [{ name: 'v' }] });
    expect(info.skipped).toEqual([{ file: '2.png', reason: 'it is a link that leaves the folder' }]);
    await expect(importAt('cache', { followLinks: at('nowhere') })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('labels in file names', () => {
  const faces = Array.from(
    { length: 12 },
    (_, i) => `${20 + i}_${i % 2}_${i % 5}_2017011617452${i + 10}.jpg.chip.jpg`,
  );

  it('are offered where nine in ten names fit a pattern, and imported where they are wanted', async () => {
    await put(pictures(...faces));
    const { namePattern } = await inspectSource([at('.')], { crop: 'auto', seed: 1 });
    expect(namePattern).toMatchObject({
      pattern: '{age}_{gender}_{race}_{*}',
      images: 12,
      columns: ['age', 'gender', 'race'],
    });
    expect((await importAt('.')).columns).toEqual([]);
    const info = await importAt('.', { namePattern: '{age}_{gender}_{race}_{*}' });
    expect(info.columns.map(({ name }) => name)).toEqual(['age', 'gender', 'race']);
    await expect(importAt('.', { namePattern: '{a}-{b}' })).rejects.toThrow(
      'No file name fits the pattern “{a}-{b}”',
    );
    await expect(importAt('.', { namePattern: '{a}{b}' })).rejects.toThrow(
      'two places have nothing between them',
    );
  });
});

describe('tables in forms that are not read', () => {
  it('are named beside the images, with the reason, and files about a single image are not', async () => {
    await put({
      ...pictures('set/1.png', 'set/2.png', 'set/.3.png'),
      'set/labels.xlsx': 'PK\u0003\u0004',
      'set/labels.ods': 'PK\u0003\u0004',
      'set/frame.pkl': 'x',
      'set/frame.feather': 'x',
      'set/instances.json': '{"images": [], "annotations": []}',
      'set/ages.json': '[{"file": "1.png", "age": 2.5}, {"file": "2.png", "age": 3.5}]',
      'set/1.json': '{"shapes": []}',
      'package.json': '{"name": "x"}',
    });
    const info = await importAt('set');
    expect(info.columns.map(({ name }) => name)).toEqual(['age']);
    const reasons = Object.fromEntries(info.skipped.map(({ file, reason }) => [file, reason]));
    expect(Object.keys(reasons).sort()).toEqual(
      ['.3.png', 'frame.feather', 'frame.pkl', 'instances.json', 'labels.ods', 'labels.xlsx'].sort(),
    );
    expect(reasons['labels.xlsx']).toContain(
      'It is an Excel workbook, which is not read; save its sheet as CSV',
    );
    expect(reasons['instances.json']).toContain('COCO');
    expect(reasons['.3.png']).toContain('it is hidden');
    const { tables } = await inspectSource([at('set')], { crop: 'auto', seed: 1 });
    expect(tables.map(({ file }) => file)).toContain('labels.xlsx');
    await expect(importAt('set', { labels: at('set', 'labels.xlsx') })).rejects.toThrow('an Excel workbook');
  });
});
