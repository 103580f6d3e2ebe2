import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Column } from '../../../../src/contract/dataset.ts';
import { openDataset } from '../../../../src/engine/data/store.ts';
import { importDataset } from '../../../../src/engine/importing/import.ts';
import { inspectSource } from '../../../../src/engine/importing/inspect.ts';
import { cifarPickle } from '../../../fixtures/cifar.ts';
import { matlabFile, type MatlabVariable } from '../../../fixtures/matlab.ts';
import { norbFile } from '../../../fixtures/norb.ts';
import { makeTar } from '../../files/make-tar.ts';
import { makeScratch, type Scratch } from '../../data/workspace.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

const SAME = { imageSize: 32, crop: 'none' } as const;
const COUNT = 12;
const SIDE = 32;

async function put(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(scratch.folder, name);
  await writeFile(path, bytes);
  return path;
}

async function importAll(source: string | readonly string[]) {
  const info = await importDataset(scratch.workspace, source, SAME);
  const dataset = await openDataset(scratch.workspace, info.id);
  const values: Record<string, (number | string)[]> = {};
  for (const column of info.columns) {
    values[column.name] = Array.from(
      await dataset.column(column),
      (value) => column.categories?.[value] ?? value,
    );
  }
  const images = await dataset.readImages(Array.from({ length: info.images }, (_, i) => i));
  await dataset.close();
  const factors = info.columns.filter(({ factor }: Column) => factor).map(({ name }) => name);
  return { info, values, images, factors };
}

function equal(found: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.from(found).equals(expected)).toBe(true);
}

describe('a MATLAB file', () => {
  const pixelAt = (n: number, y: number, x: number, c: number): number =>
    (17 * n + 5 * y + 3 * x + 40 * c) % 256;
  const pixels = Uint8Array.from({ length: COUNT * SIDE * SIDE * 3 }, (_, i) =>
    pixelAt(Math.floor(i / 3072), Math.floor(i / 96) % SIDE, Math.floor(i / 3) % SIDE, i % 3),
  );
  // [height, width, 3, images], of which the height varies fastest.
  const matlabPixels = Uint8Array.from({ length: pixels.length }, (_, i) =>
    pixelAt(Math.floor(i / 3072), i % SIDE, Math.floor(i / SIDE) % SIDE, Math.floor(i / 1024) % 3),
  );
  const counted = Array.from({ length: COUNT }, (_, i) => i);
  const variables: Record<string, MatlabVariable> = {
    images: { shape: [SIDE, SIDE, 3, COUNT], data: matlabPixels },
    y: { shape: [COUNT, 1], data: Float64Array.from(counted, (i) => i / 8) },
    small: { shape: [1, COUNT], data: Int16Array.from(counted, (i) => -(i % 3)), kind: 6 },
    isRed: { shape: [COUNT, 1], data: Uint8Array.from(counted, (i) => i % 2), flags: 2 },
    // Two columns, of which the first is stored first.
    two: { shape: [COUNT, 2], data: Float32Array.from({ length: 2 * COUNT }, (_, i) => i / 2) },
    // Twelve texts of two characters, the first characters first.
    names: { shape: [COUNT, 2], data: 'ababababababXYXYXYXYXYXY' },
    cells: { shape: [1, 1], data: Uint8Array.of(1), kind: 1 },
    fields: { shape: [1, 1], data: Uint8Array.of(1), kind: 2 },
    waves: { shape: [COUNT, 1], data: Float64Array.from(counted), flags: 8 },
  };

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('is read; big-endian: %s, compressed: %s', async (isBigEndian, isCompressed) => {
    const path = await put('x.mat', matlabFile(variables, { isBigEndian, isCompressed }));
    const { info, values, images } = await importAll(path);
    expect(info).toMatchObject({ images: COUNT, channels: 3 });
    equal(images, pixels);
    expect(values['y']).toEqual(counted.map((i) => i / 8));
    expect(values['small']).toEqual(counted.map((i) => String(-(i % 3))));
    expect(values['isRed']).toEqual(counted.map((i) => i % 2));
    expect(values['two 1']).toEqual(counted.map((i) => i / 2));
    expect(values['two 2']).toEqual(counted.map((i) => (i + COUNT) / 2));
    expect(values['names']).toEqual(counted.map((i) => ['aX', 'bY'][i % 2]));
    expect(info.skipped).toEqual([
      { file: 'cells', reason: 'it is a cell array' },
      { file: 'fields', reason: 'it is a struct' },
      { file: 'waves', reason: 'its numbers are complex' },
    ]);
    expect(await inspectSource([path], { crop: 'none', seed: 1 })).toMatchObject({
      images: COUNT,
      failures: 0,
    });
  });

  it.each([false, true])('that ends early at any place is refused; compressed: %s', async (isCompressed) => {
    const whole = matlabFile({ images: variables['images']! }, { isCompressed });
    for (const length of [0, 100, 130, 150, 200, Math.floor(whole.length / 2), whole.length - 9]) {
      const path = await put('x.mat', whole.subarray(0, length));
      await expect(importAll(path)).rejects.toMatchObject({ code: 'bad-input' });
    }
  });

  it('of another kind is refused', async () => {
    const path = await put('x.mat', Buffer.alloc(600));
    await expect(importAll(path)).rejects.toThrow('no MATLAB file');
  });
});

describe('a folder of Cars3D', () => {
  const AZIMUTHS = 24;
  const ELEVATIONS = 4;
  /** A car whose pictures tell their azimuth, elevation and car. */
  const mesh = (car: number): Uint8Array => {
    const data = new Uint8Array(SIDE * SIDE * 3 * AZIMUTHS * ELEVATIONS);
    for (let i = 0; i < data.length; i++) {
      const view = Math.floor(i / 3072);
      data[i] = [view % AZIMUTHS, Math.floor(view / AZIMUTHS), car][Math.floor(i / 1024) % 3]!;
    }
    return data;
  };
  const shape = [SIDE, SIDE, 3, AZIMUTHS, ELEVATIONS];

  it('is one data set with its factors, and files that are damaged are named', async () => {
    for (const car of [1, 2, 3]) {
      const file = matlabFile({ im: { shape, data: mesh(car) } }, { isCompressed: car === 2 });
      await put(`car_00${car}_mesh.mat`, file);
    }
    await put('car_004_mesh.mat', Buffer.from('damaged'));
    await put('list.txt', Buffer.from('car_001_mesh\n'));
    const { info, values, images, factors } = await importAll(scratch.folder);
    expect(info).toMatchObject({ images: 3 * 96, channels: 3 });
    expect(info.skipped).toEqual([
      { file: 'car_004_mesh.mat', reason: 'it is no MATLAB file that can be read' },
    ]);
    expect(factors).toEqual(['object', 'elevation', 'azimuth']);
    for (let i = 0; i < info.images; i++) {
      const [azimuth, elevation, car] = images.subarray(i * 3072, i * 3072 + 3);
      expect([values['azimuth']![i], values['elevation']![i], values['object']![i]]).toEqual([
        azimuth,
        String(elevation),
        `car_00${car}`,
      ]);
    }
  });

  it('read by one of its files has its two other factors as axes', async () => {
    const path = await put('car_001_mesh.mat', matlabFile({ im: { shape, data: mesh(1) } }));
    const { info } = await importAll(path);
    expect(info).toMatchObject({
      images: 96,
      channels: 3,
      columns: [{ name: 'axis 1' }, { name: 'axis 2' }],
    });
  });
});

describe('smallNORB', () => {
  const TRAIN = 'smallnorb-5x46789x9x18x6x2x96x96-training';
  const TEST = 'smallnorb-5x01235x9x18x6x2x96x96-testing';
  const pairs = (part: number): Uint8Array =>
    Uint8Array.from({ length: COUNT * 2 * 1024 }, (_, i) =>
      Math.floor(i / 1024) % 2 === 0 ? part + Math.floor(i / 2048) : 255,
    );
  const info = Int32Array.from(
    { length: COUNT * 4 },
    (_, i) => [i % 10, (i >> 2) % 9, 2 * ((i >> 2) % 18), (i >> 2) % 6][i % 4]!,
  );

  async function putPart(name: string, part: number, isPacked: boolean): Promise<string[]> {
    const pack = (bytes: Buffer) => (isPacked ? gzipSync(bytes) : bytes);
    const end = isPacked ? '.gz' : '';
    return [
      await put(`${name}-dat.mat${end}`, pack(norbFile([COUNT, 2, SIDE, SIDE], pairs(part)))),
      await put(
        `${name}-cat.mat${end}`,
        pack(
          norbFile(
            [COUNT],
            Int32Array.from({ length: COUNT }, (_, i) => i % 5),
          ),
        ),
      ),
      await put(`${name}-info.mat${end}`, pack(norbFile([COUNT, 4], info))),
    ];
  }

  it.each([false, true])(
    'is imported with both parts of its split, of the first camera; packed: %s',
    async (isPacked) => {
      const paths = [...(await putPart(TRAIN, 10, isPacked)), ...(await putPart(TEST, 100, isPacked))];
      for (const source of [scratch.folder, paths]) {
        const found = await importAll(source);
        expect(found.info).toMatchObject({ images: 2 * COUNT, channels: 1, skipped: [] });
        expect(found.factors).toEqual(['category', 'instance', 'elevation', 'azimuth', 'lighting']);
        expect(found.info.split).toMatchObject({ train: COUNT, test: COUNT });
        expect(found.values['category']!.slice(10, 14)).toEqual(['animal', 'human', 'animal', 'human']);
        expect(found.values['elevation']!.slice(0, 3)).toEqual(['30', '35', '40']);
        expect(found.values['azimuth']!.slice(0, 3)).toEqual(['0', '20', '40']);
        const shades = Array.from({ length: 2 * COUNT }, (_, i) => found.images[i * 1024 + 1000]);
        expect(shades).toEqual(Array.from({ length: 2 * COUNT }, (_, i) => (i < COUNT ? 10 + i : 88 + i)));
      }
      const one = await importAll(paths[1]!);
      expect(one.info).toMatchObject({ images: COUNT });
      expect(one.factors).toHaveLength(5);
    },
  );

  it('that ends early, or whose labels are of another number, is refused', async () => {
    const [dat, cat] = await putPart(TRAIN, 10, false);
    await writeFile(cat!, norbFile([3], Int32Array.of(0, 1, 2)));
    await expect(importAll(dat!)).rejects.toThrow('there are 12 images');
    await writeFile(cat!, (await readFile(dat!)).subarray(0, 12));
    await expect(importAll(dat!)).rejects.toThrow('not in the format of smallNORB');
    await writeFile(cat!, norbFile([COUNT], new Int32Array(COUNT)));
    await writeFile(dat!, (await readFile(dat!)).subarray(0, 5000));
    await expect(importAll(dat!)).rejects.toThrow('it ends early');
  });
});

describe('CIFAR', () => {
  /** Images whose first bytes tell their position; `start` is that of the first. */
  const batch = (start: number, count: number): Uint8Array => {
    const data = new Uint8Array(count * 3072).fill(7);
    for (let i = 0; i < count; i++) data[i * 3072] = start + i;
    return data;
  };
  const ten = { label_names: ['airplane', 'bird', 'cat'] };
  const labels = (count: number): number[] => Array.from({ length: count }, (_, i) => i % 3);
  const words = Array.from(
    { length: 11 },
    (_, i) => ['airplane', 'bird', 'cat'][i < 8 ? (i % 4) % 3 : (i - 8) % 3],
  );

  const files = (): Record<string, Buffer> => ({
    data_batch_2: cifarPickle({ labels: labels(4), data: batch(4, 4) }),
    data_batch_1: cifarPickle({ labels: labels(4), data: batch(0, 4), filenames: ['a.png'] }),
    test_batch: cifarPickle({ labels: labels(3), data: batch(8, 3) }),
    'batches.meta': cifarPickle(ten),
    'readme.html': Buffer.from('<html>'),
  });

  async function expectTen(source: string | string[]): Promise<void> {
    const { info, values, images } = await importAll(source);
    expect(info).toMatchObject({ images: 11, channels: 3, skipped: [], split: { train: 8, test: 3 } });
    expect(values['class']).toEqual(words);
    // Red is stored first, and then green and blue: the first byte is the first pixel's red.
    expect(Array.from({ length: 11 }, (_, i) => images[i * 3072])).toEqual(
      Array.from({ length: 11 }, (_, i) => i),
    );
    expect(images.filter((value) => value === 7).length).toBeGreaterThanOrEqual(11 * 3071);
  }

  it('of ten classes is imported from its folder, with words and split', async () => {
    for (const [name, bytes] of Object.entries(files())) await put(name, bytes);
    await expectTen(scratch.folder);
    const one = await importAll(join(scratch.folder, 'test_batch'));
    expect(one.info).toMatchObject({ images: 3, columns: [{ name: 'class' }] });
  });

  it.each(['cifar-10-python.tar.gz', 'cifar-10-python.tar'])('is imported from %s', async (name) => {
    const tar = makeTar(
      Object.entries(files()).map(([file, bytes]) => ({ name: `cifar-10-batches-py/${file}`, bytes })),
    );
    const path = await put(name, name.endsWith('gz') ? gzipSync(tar) : tar);
    await expectTen(path);
    expect(await inspectSource([path], { crop: 'none', seed: 1 })).toMatchObject({ images: 11 });
  });

  it('of the binary version is the same', async () => {
    const records = (start: number, count: number): Buffer =>
      Buffer.concat(labels(count).flatMap((label, i) => [Buffer.of(label), batch(start + i, 1)]));
    await put('data_batch_1.bin', records(0, 4));
    await put('data_batch_2.bin', records(4, 4));
    await put('test_batch.bin', records(8, 3));
    await put('batches.meta.txt', Buffer.from('airplane\nbird\ncat\n\n'));
    await expectTen(scratch.folder);
  });

  it('is found in the only folder of another one, and what is missing of it is said', async () => {
    const folder = join(scratch.folder, 'data', 'cifar-10-batches-py');
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files())) await writeFile(join(folder, name), bytes);
    const { info } = await importAll(join(scratch.folder, 'data'));
    expect(info).toMatchObject({ name: 'data', images: 11 });
    expect(info.notes!.join(' ')).toContain(
      'data_batch_3, data_batch_4, data_batch_5 of CIFAR-10 are missing',
    );
  });

  it('of a hundred classes has both kinds of classes; long byte strings are read', async () => {
    const meta = { fine_label_names: ['apple', 'bee', 'can'], coarse_label_names: ['fruit', 'insects'] };
    const many = 400;
    await put(
      'train',
      cifarPickle({
        fine_labels: Array.from({ length: many }, (_, i) => i % 3),
        coarse_labels: Array.from({ length: many }, (_, i) => i % 2),
        data: batch(0, many),
      }),
    );
    await put('test', cifarPickle({ fine_labels: [2, 1], coarse_labels: [1, 0], data: batch(0, 2) }));
    await put('meta', cifarPickle(meta));
    const { info, values } = await importAll(scratch.folder);
    expect(info).toMatchObject({ images: many + 2, split: { train: many, test: 2 } });
    expect(values['class']!.slice(-2)).toEqual(['can', 'bee']);
    expect(values['superclass']!.slice(-2)).toEqual(['insects', 'fruit']);
  });

  it('that would run a program, ends early or lacks its array is refused by name', async () => {
    const good = files()['test_batch']!;
    for (const [bytes, why] of [
      [Buffer.from("cos\nsystem\n(S'x'\ntR."), 'it asks for os.system'],
      [good.subarray(0, 5000), 'ends early'],
      [cifarPickle({ labels: [1] }), 'its array “data” is missing'],
      [cifarPickle({ labels: [1], data: batch(0, 2) }), 'its labels are missing'],
    ] as const) {
      const path = await put('test_batch', bytes);
      await expect(importAll(path)).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining(why) as unknown,
      });
    }
    await put('test_batch.bin', Buffer.alloc(3000));
    await expect(importAll(join(scratch.folder, 'test_batch.bin'))).rejects.toThrow('whole images');
  });
});

describe('a folder of MNIST’s files', () => {
  const idx = (axes: readonly number[], bytes: Uint8Array): Buffer => {
    const header = Buffer.alloc(4 + 4 * axes.length);
    header.set([0, 0, 8, axes.length]);
    axes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
    return Buffer.concat([header, bytes]);
  };
  const part = (start: number, count: number) => ({
    images: idx(
      [count, 28, 28],
      Uint8Array.from({ length: count * 784 }, (_, i) => start + Math.floor(i / 784)),
    ),
    labels: idx(
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % 3),
    ),
  });

  it.each([false, true])(
    'is one data set with its split, also inside other folders; packed: %s',
    async (isPacked) => {
      const folder = join(scratch.folder, 'data', 'MNIST', 'raw');
      await mkdir(folder, { recursive: true });
      const [train, test] = [part(0, 6), part(100, 4)];
      for (const [name, bytes] of Object.entries({
        'train-images-idx3-ubyte': train.images,
        'train-labels-idx1-ubyte': train.labels,
        't10k-images-idx3-ubyte': test.images,
        't10k-labels-idx1-ubyte': test.labels,
      })) {
        if (isPacked) await writeFile(join(folder, `${name}.gz`), gzipSync(bytes));
        // torchvision keeps what it has unpacked beside it.
        await writeFile(join(folder, name), bytes);
      }
      for (const source of [folder, join(scratch.folder, 'data')]) {
        const { info, values, images } = await importAll(source);
        expect(info).toMatchObject({ images: 10, channels: 1, skipped: [], split: { train: 6, test: 4 } });
        expect(Object.keys(values).sort()).toEqual(['labels', 'split']);
        expect(values['labels']).toEqual(['0', '1', '2', '0', '1', '2', '0', '1', '2', '0']);
        expect([images[0], images[5 * 1024], images[6 * 1024]]).toEqual([0, 5, 100]);
      }
    },
  );
});
