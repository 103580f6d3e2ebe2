import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Column } from '../../../../src/contract/dataset.ts';
import { openDataset } from '../../../../src/engine/data/store.ts';
import { importDataset, type ImportOptions } from '../../../../src/engine/importing/import.ts';
import { inspectSource } from '../../../../src/engine/importing/inspect.ts';
import { npyFile, npyHeader, npyOf, npyTexts, npzFile, NPY_OBJECTS } from '../../../fixtures/npy.ts';
import { makeScratch, type Scratch } from '../../data/workspace.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

async function put(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(scratch.folder, name);
  await writeFile(path, bytes);
  return path;
}

async function importFile(path: string, options: Partial<ImportOptions> = {}) {
  const info = await importDataset(scratch.workspace, path, { crop: 'auto', contrast: 'auto', ...options });
  const dataset = await openDataset(scratch.workspace, info.id);
  const values: Record<string, number[]> = {};
  for (const column of info.columns) values[column.name] = Array.from(await dataset.column(column));
  const images = await dataset.readImages(Array.from({ length: info.images }, (_, i) => i));
  await dataset.close();
  const columns = new Map<string, Column>(info.columns.map((column) => [column.name, column]));
  return { info, values, images, columns };
}

const importNpz = async (arrays: Readonly<Record<string, Buffer>>, options?: Partial<ImportOptions>) =>
  importFile(await put('x.npz', npzFile(arrays)), options);

const COUNT = 12;
const SIDE = 32;
/** Twelve images in colour, [N, height, width, channels], of which every pixel tells its place. */
const PIXELS = Uint8Array.from({ length: COUNT * SIDE * SIDE * 3 }, (_, i) => {
  const [image, y, x, c] = placeOf(i);
  return (image * 17 + y * 5 + x * 3 + c * 40) % 256;
});
const IMAGES = npyOf([COUNT, SIDE, SIDE, 3], PIXELS);
const SAME = { imageSize: 32, crop: 'none' } as const;

function placeOf(i: number): [number, number, number, number] {
  return [
    Math.floor(i / (SIDE * SIDE * 3)),
    Math.floor(i / (SIDE * 3)) % SIDE,
    Math.floor(i / 3) % SIDE,
    i % 3,
  ];
}

/** The pixels in another order of the axes; `order` names the axes of the result, slowest first. */
function reordered(order: string): Uint8Array {
  const sizes = { n: COUNT, h: SIDE, w: SIDE, c: 3 } as Record<string, number>;
  const result = new Uint8Array(PIXELS.length);
  PIXELS.forEach((value, i) => {
    const [n, h, w, c] = placeOf(i);
    const at = { n, h, w, c } as Record<string, number>;
    result[order.split(/(?:)/).reduce((place, axis) => place * sizes[axis]! + at[axis]!, 0)] = value;
  });
  return result;
}

describe('the images of an archive', () => {
  it.each(['imgs', 'images', 'x', 'data', 'arr_0', 'X', 'anything'])('are found as “%s”', async (name) => {
    const { info, images } = await importNpz({ [name]: IMAGES }, SAME);
    expect(info).toMatchObject({ images: COUNT, channels: 3, columns: [], skipped: [] });
    expect(Buffer.from(images).equals(PIXELS)).toBe(true);
  });

  it.each([
    ['channels first', () => npyOf([COUNT, 3, SIDE, SIDE], reordered('nchw'))],
    ['Fortran order', () => npyOf([COUNT, SIDE, SIDE, 3], reordered('cwhn'), { isFortran: true })],
    ['MATLAB’s order', () => npyOf([SIDE, SIDE, 3, COUNT], reordered('ncwh'), { isFortran: true })],
    ['images on the last axis', () => npyOf([SIDE, SIDE, 3, COUNT], reordered('hwcn'))],
    ['int64', () => npyOf([COUNT, SIDE, SIDE, 3], BigInt64Array.from(PIXELS, BigInt))],
    [
      'int16, big-endian',
      () => npyOf([COUNT, SIDE, SIDE, 3], Int16Array.from(PIXELS), { isBigEndian: true }),
    ],
    ['floats from 0 to 255', () => npyOf([COUNT, SIDE, SIDE, 3], Float32Array.from(PIXELS))],
    [
      'floats from 0 to 1',
      () =>
        npyOf(
          [COUNT, SIDE, SIDE, 3],
          Float64Array.from(PIXELS, (v) => v / 255),
        ),
    ],
    [
      'floats from −1 to 1',
      () =>
        npyOf(
          [COUNT, SIDE, SIDE, 3],
          Float32Array.from(PIXELS, (v) => v / 127.5 - 1),
        ),
    ],
    [
      'big-endian floats',
      () =>
        npyOf(
          [COUNT, SIDE, SIDE, 3],
          Float32Array.from(PIXELS, (v) => v / 255),
          { isBigEndian: true },
        ),
    ],
  ])('are the same in %s, as NPZ and as NPY', async (_, make) => {
    for (const path of [await put('a.npy', make()), await put('a.npz', npzFile({ images: make() }))]) {
      const { info, images } = await importFile(path, SAME);
      expect(info).toMatchObject({ images: COUNT, channels: 3 });
      expect(Buffer.from(images).equals(PIXELS)).toBe(true);
    }
  });

  it('of half precision, of grey with and without an axis for it, and of masks are read', async () => {
    const grey = PIXELS.subarray(0, COUNT * SIDE * SIDE);
    const halves = Uint16Array.from(grey, (value) => (value % 2 ? 0x3c00 : 0)); // 1 and 0
    const black = Buffer.from(grey.map((value) => (value % 2 ? 255 : 0)));
    for (const [shape, data, descr, expected] of [
      [[COUNT, SIDE, SIDE], halves, '<f2', black],
      [[COUNT, SIDE, SIDE, 1], grey.map((value) => value % 2), '|b1', black],
      [[COUNT, 1, SIDE, SIDE], grey.map((value) => value % 2), '|u1', black],
      [[COUNT, SIDE, SIDE], grey, '|u1', Buffer.from(grey)],
    ] as const) {
      const { info, images } = await importNpz({ images: npyOf(shape, data, { descr }) }, SAME);
      expect(info).toMatchObject({ images: COUNT, channels: 1 });
      expect(Buffer.from(images).equals(expected)).toBe(true);
    }
  });

  it('say what their numbers were taken for', async () => {
    const signed = npyOf(
      [COUNT, SIDE, SIDE, 3],
      Float32Array.from(PIXELS, (v) => v / 127.5 - 1),
    );
    expect((await importNpz({ images: signed }, SAME)).info.notes).toEqual([
      'The pixels of type float32 reach from −1 to 1, so −1 was taken as black and 1 as white.',
    ]);
    expect((await importNpz({ images: IMAGES }, SAME)).info.notes).toBeUndefined();
  });

  it('of 16 bits keep their range, or are stretched like pictures', async () => {
    const deep = npyOf(
      [COUNT, SIDE, SIDE, 3],
      Uint16Array.from(PIXELS, (value) => value * 20 + 300),
    );
    const path = await put('deep.npz', npzFile({ images: deep }));
    const plain = await importFile(path, { ...SAME, contrast: 'none' });
    expect(Array.from(plain.images.subarray(0, 3))).toEqual(
      Array.from(PIXELS.subarray(0, 3), (value) => (value * 20 + 300) >> 8),
    );
    const { info, images } = await importFile(path, { ...SAME, contrast: 'auto' });
    expect(info.stretch?.bounds[0]).toBeLessThan(400);
    expect(Math.max(...images)).toBe(255);
    const found = await inspectSource([path], { crop: 'none', imageSize: 32, seed: 1, contrast: 'auto' });
    expect(found.stretch).toMatchObject({ bounds: info.stretch!.bounds, isProposed: true });
  });

  it('with transparency are laid over white', async () => {
    const pixels = Uint8Array.from(
      { length: 2 * 32 * 32 * 4 },
      (_, i) => [100, 50, 200, i < 4096 ? 0 : 255][i % 4]!,
    );
    const { info, images } = await importNpz({ images: npyOf([2, 32, 32, 4], pixels) }, SAME);
    expect(Array.from(images.subarray(0, 3))).toEqual([255, 255, 255]);
    expect(Array.from(images.subarray(3072, 3075))).toEqual([100, 50, 200]);
    expect(info.notes).toContain('The images have transparency; they were laid over white.');
  });

  it('of another size are cropped and resized like pictures', async () => {
    const wide = Uint8Array.from({ length: 2 * 32 * 64 * 3 }, (_, i) =>
      Math.floor(i / 3) % 64 < 16 ? 0 : 200,
    );
    const path = await put('wide.npy', npyOf([2, 32, 64, 3], wide));
    const square = await importFile(path, { imageSize: 32, crop: 'square' });
    expect(Math.min(...square.images)).toBe(200);
    const whole = await importFile(path, { imageSize: 32, crop: 'none' });
    expect(Math.min(...whole.images)).toBe(0);
    await expect(importFile(path, { crop: 'celeba' })).rejects.toThrow('not of the shape of CelebA');
  });

  it.each([
    ['text', npyTexts(['a', 'b']), 'its “images” is [2] of type text'],
    ['two channels', npyOf([2, 32, 32, 2], new Uint8Array(4096)), 'its “images” is [2, 32, 32, 2]'],
    ['no pixels', npyOf([1, 32, 32], new Float32Array(1024).fill(700)), 'reach from 700 to 700'],
    ['unknown numbers', npyOf([1, 32, 32], new Float32Array(1024).fill(Number.NaN)), 'unknown (NaN)'],
    ['negative integers', npyOf([1, 32, 32], new Int8Array(1024).fill(-3)), 'reach from −3 to −3'],
    ['complex numbers', npyOf([1, 32, 32], new Float64Array(2048), { descr: '<c16' }), 'complex128'],
  ])('are refused with the reason: %s', async (_, array, message) => {
    await expect(importNpz({ images: array })).rejects.toThrow(message);
  });

  it('are told what they would have to be, where their array has two axes', async () => {
    await expect(importNpz({ data: npyOf([4, 1024], new Uint8Array(4096)) })).rejects.toThrow(
      'its “data” is [4, 1024] of type uint8, and images are [N, height, width]',
    );
  });

  it('and labels of an array without a name have one', async () => {
    const { info } = await importNpz({
      images: IMAGES,
      '': npyOf(
        [COUNT],
        new Int32Array(COUNT).map((_, i) => i % 3),
      ),
    });
    expect(info.columns.map(({ name }) => name)).toEqual(['unnamed']);
  });

  it('are not guessed among several arrays', async () => {
    await expect(importNpz({ left: IMAGES, right: IMAGES })).rejects.toThrow('“left”, “right”');
  });

  it('of the two parts of Keras’ archives are imported together, with their split', async () => {
    const part = (from: number, to: number) =>
      npyOf([to - from, SIDE, SIDE, 3], PIXELS.subarray(from * 3072, to * 3072));
    const { info, images, values, columns } = await importNpz(
      {
        x_test: part(8, 12),
        x_train: part(0, 8),
        y_train: npyOf([8], Uint8Array.from([0, 1, 2, 0, 1, 2, 0, 1])),
        y_test: npyOf([4], Uint8Array.from([2, 0, 1, 2])),
      },
      SAME,
    );
    expect(info.images).toBe(12);
    expect(Buffer.from(images).equals(PIXELS)).toBe(true);
    expect(values['y']).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(columns.get('split')).toMatchObject({ categories: ['train', 'test'] });
    expect(values['split']).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });
});

describe('the labels of an archive', () => {
  const withLabels = (arrays: Readonly<Record<string, Buffer>>) =>
    importNpz({ images: IMAGES, ...arrays }, SAME);
  const threes = Array.from({ length: COUNT }, (_, i) => i % 3);

  it.each([
    ['[N]', npyOf([COUNT], Int32Array.from(threes))],
    ['[N, 1]', npyOf([COUNT, 1], Uint8Array.from(threes))],
    ['[1, N]', npyOf([1, COUNT], Float64Array.from(threes))],
    ['big-endian', npyOf([COUNT], Int32Array.from(threes), { isBigEndian: true })],
    ['int64', npyOf([COUNT], BigInt64Array.from(threes, BigInt))],
  ])('are a column of categories: %s', async (_, y) => {
    const { columns, values, info } = await withLabels({ y });
    expect(columns.get('y')).toEqual({
      name: 'y',
      type: 'categorical',
      categories: ['0', '1', '2'],
      factor: false,
    });
    expect(values['y']).toEqual(threes);
    expect(info.skipped).toEqual([]);
  });

  it('of several columns become that many', async () => {
    const factors = Float64Array.from({ length: COUNT * 2 }, (_, i) =>
      i % 2 ? i / 7 : Math.floor(i / 2) % 3,
    );
    for (const labels of [
      npyOf([COUNT, 2], factors),
      npyOf(
        [COUNT, 2],
        Float64Array.from({ length: COUNT * 2 }, (_, i) => factors[(i % COUNT) * 2 + Math.floor(i / COUNT)]!),
        { isFortran: true },
      ),
    ]) {
      const { columns, values } = await withLabels({ labels });
      expect([...columns.keys()]).toEqual(['labels 1', 'labels 2']);
      expect(columns.get('labels 1')).toMatchObject({ type: 'categorical', factor: true });
      expect(values['labels 1']).toEqual(threes);
      expect(values['labels 2']![3]).toBeCloseTo(1);
    }
  });

  it('of one 1 among zeros become one column', async () => {
    const labels = npyOf(
      [COUNT, 3],
      Float32Array.from({ length: COUNT * 3 }, (_, i) => (threes[Math.floor(i / 3)] === i % 3 ? 1 : 0)),
    );
    const { columns, values, info } = await withLabels({ labels });
    expect(columns.get('labels')).toMatchObject({ type: 'categorical', categories: ['0', '1', '2'] });
    expect(values['labels']).toEqual(threes);
    expect(info.notes).toEqual([
      'Each row of “labels” has a single 1, so it became one column of 3 categories.',
    ]);
  });

  it('of zeros and ones, several in a row, stay attributes', async () => {
    const labels = npyOf(
      [COUNT, 2],
      Uint8Array.from({ length: COUNT * 2 }, (_, i) => (i % 5 ? 1 : 0)),
    );
    const { columns } = await withLabels({ labels });
    expect([...columns.values()].map(({ type, factor }) => [type, factor])).toEqual([
      ['binary', false],
      ['binary', false],
    ]);
  });

  it('of text become words, in both of NumPy’s forms', async () => {
    const words = threes.map((i) => ['Katze', 'Hund', 'Vögel'][i]!);
    const latin = Buffer.concat(
      words.map((word) => Buffer.concat([Buffer.from(word), Buffer.alloc(6)]).subarray(0, 6)),
    );
    const bytes = npyFile(npyHeader('|S6', [COUNT]), latin);
    const { columns, values } = await withLabels({ kind: npyTexts(words), kind8: bytes });
    const { categories } = columns.get('kind')!;
    expect(values['kind']!.map((code) => categories![code])).toEqual(words);
    expect(columns.get('kind8')?.categories).toEqual(categories);
  });

  it('that are whole numbers beyond float32 stay exact, or are left out and named', async () => {
    const ids = BigInt64Array.from(threes, (i) => 9_007_199_254_740_993n + BigInt(i));
    const all = BigInt64Array.from(threes, (_, i) => 9_007_199_254_740_993n + BigInt(i) * 100n);
    const many = new BigInt64Array(60).map((_, i) => 2n ** 60n + BigInt(i));
    const { columns, values, info } = await withLabels({ id: npyOf([COUNT], ids), all: npyOf([COUNT], all) });
    expect(columns.get('id')!.categories).toEqual([
      '9007199254740993',
      '9007199254740994',
      '9007199254740995',
    ]);
    expect(values['id']).toEqual(threes);
    expect(columns.get('all')!.categories).toHaveLength(12);
    expect(info.skipped).toEqual([]);
    const more = await importNpz({
      images: npyOf(
        [60, 8, 8],
        new Uint8Array(3840).map((_, i) => i % 256),
      ),
      many: npyOf([60], many),
    });
    expect(more.info.columns).toEqual([]);
    expect(more.info.skipped).toEqual([
      { file: 'many', reason: expect.stringContaining('too large to be exact') as string },
    ]);
  });

  it('that cannot be columns are left out and named, and the rest is imported', async () => {
    const { info } = await withLabels({
      y: npyOf([COUNT], Int32Array.from(threes)),
      short: npyOf([5], new Int32Array(5)),
      cube: npyOf([COUNT, 2, 2], new Float32Array(COUNT * 4)),
      one: npyOf([], Float32Array.of(4)),
      same: npyOf(
        [COUNT, 2],
        Float64Array.from({ length: COUNT * 2 }, (_, i) => (i % 2 ? i : 7)),
      ),
      complex: npyOf([COUNT], new Float64Array(2 * COUNT), { descr: '<c16' }),
      metadata: NPY_OBJECTS,
      wide: npyOf([COUNT, 5000], new Uint8Array(COUNT * 5000)),
      fields: npyFile(
        "{'descr': [('a', '<i4'), ('b', '<f4')], 'fortran_order': False, 'shape': (12,), }",
        Buffer.alloc(96),
      ),
    });
    expect(info.columns.map(({ name }) => name)).toEqual(['y', 'same 2']);
    expect(Object.fromEntries(info.skipped.map(({ file, reason }) => [file, reason]))).toEqual({
      short: 'it is [5], and there are 12 images',
      cube: 'it is [12, 2, 2], and labels are [N] or [N, columns]',
      one: 'it is a single value, and there are 12 images',
      'same, same 1': 'it is the same for every image (7)',
      complex: 'numbers of type complex128 are not supported',
      metadata: 'it holds Python objects, which are never unpickled',
      wide: 'it has 5,000 columns, and at most 4,096 are read',
      fields: 'its elements have several fields (a structured type)',
    });
  });

  it('of a table cannot be joined, because the images have no names', async () => {
    const labels = await put('labels.csv', Buffer.from('file,age\n00,3\n'));
    await expect(importNpz({ images: IMAGES }, { labels })).rejects.toThrow('have no file names');
  });

  it('are the same in a preview', async () => {
    const path = await put(
      'p.npz',
      npzFile({ images: IMAGES, y: npyOf([COUNT], Int32Array.from(threes)), metadata: NPY_OBJECTS }),
    );
    const found = await inspectSource([path], { crop: 'auto', seed: 1 });
    expect(found).toMatchObject({
      images: COUNT,
      labels: { file: 'p.npz', columns: ['y'] },
      unreadable: [{ file: 'metadata', reason: 'it holds Python objects, which are never unpickled' }],
      examined: COUNT,
      failures: 0,
    });
  });
});

describe('the factors of published data sets', () => {
  const DSPRITES = [[1], [1, 2, 3], [0.5, 0.6, 0.7, 0.8, 0.9, 1], 40, 32, 32] as const;
  const rows = 60;
  /** Values of dSprites' latents. */
  const latents = Float64Array.from({ length: rows * 6 }, (_, i) => {
    const [row, factor] = [Math.floor(i / 6), i % 6];
    const spec = DSPRITES[factor]!;
    if (typeof spec !== 'number') return spec[row % spec.length]!;
    return factor === 3 ? ((row % 40) / 39) * 2 * Math.PI : (row % 32) / 31;
  });
  const masks = npyOf(
    [rows, 64, 64],
    new Uint8Array(rows * 4096).map((_, i) => (i % 7 ? 0 : 1)),
  );

  it('are named in dSprites, whose classes are told to be the same', async () => {
    const { info, columns } = await importNpz({
      metadata: NPY_OBJECTS,
      imgs: masks,
      latents_classes: npyOf([rows, 6], new BigInt64Array(rows * 6)),
      latents_values: npyOf([rows, 6], latents),
    });
    expect(info).toMatchObject({ images: rows, channels: 1 });
    expect([...columns.keys()]).toEqual([
      'shape',
      'scale',
      'orientation',
      'horizontal position',
      'vertical position',
    ]);
    expect(columns.get('shape')).toEqual({
      name: 'shape',
      type: 'categorical',
      categories: ['square', 'ellipse', 'heart'],
      factor: true,
    });
    expect(info.skipped.map(({ file }) => file)).toEqual([
      'metadata',
      'latents_values, colour',
      'latents_classes',
    ]);
  });

  it.each([
    [
      'a value beside the grid',
      () =>
        npyOf(
          [rows, 6],
          latents.map((value, i) => (i === 2 ? 0.55 : value)),
        ),
    ],
    [
      'a fourth shape',
      () =>
        npyOf(
          [rows, 6],
          latents.map((value, i) => (i === 1 ? 4 : value)),
        ),
    ],
  ])('are not named in other tables of six: %s', async (_, table) => {
    const { columns, info } = await importNpz({ imgs: masks, latents_values: table() });
    expect([...columns.keys()]).toEqual(['latent 2', 'latent 3', 'latent 4', 'latent 5', 'latent 6']);
    expect(info.notes?.join()).not.toContain('dSprites');
  });

  it('are named in dSprites’ layout only for its images', async () => {
    const colour = npyOf(
      [rows, 64, 64, 3],
      new Uint8Array(rows * 12288).map((_, i) => i % 256),
    );
    const { columns } = await importNpz({ imgs: colour, latents_values: npyOf([rows, 6], latents) });
    expect([...columns.keys()][0]).toBe('latent 2');
  });
});

describe('a table beside a file of arrays', () => {
  it('is refused and not ignored, because images of an array have no names', async () => {
    const path = await put('x.npz', npzFile({ imgs: IMAGES }));
    const table = await put('labels.csv', Buffer.from('file,age\n0.png,3\n'));
    const crop = 'none';
    await expect(importDataset(scratch.workspace, [path, table], { crop })).rejects.toThrow(
      'labels.csv cannot be joined to x.npz',
    );
    await expect(importDataset(scratch.workspace, path, { crop, labels: [table] })).rejects.toThrow(
      'the images of an array have no file names',
    );
  });
});

const cases = '../shared/cases/04-npz';
describe.skipIf(!existsSync(cases))('the archives of the issue', () => {
  it.each([
    ['3dshapes_layout', ['labels 1', 'labels 2', 'labels 3'], []],
    ['one_hot_labels', ['labels'], []],
    ['string_label_array', [], ['names']],
    ['string_class_array', ['cls'], []],
    ['bigendian_label', ['y'], []],
    ['fortran_extra_array', ['latent 1', 'latent 2', 'latent 3'], []],
    ['shapes3d_as_dsprites', ['latent 1', 'latent 2', 'latent 3', 'latent 4', 'latent 5', 'latent 6'], []],
    [
      'six-factors-named-as-dsprites',
      ['latent 1', 'latent 2', 'latent 3', 'latent 4', 'latent 5', 'latent 6'],
      [],
    ],
  ])('%s', async (name, columns, skipped) => {
    const { info } = await importFile(join(cases, `${name}.npz`));
    expect(info.columns.map((column) => column.name)).toEqual(columns);
    expect(info.skipped.map(({ file }) => file)).toEqual(skipped);
  });
});
