import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import h5wasm from 'h5wasm';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readElements } from '../../../src/engine/arrays/archive.ts';
import { addFilters } from '../../../src/engine/arrays/hdf5-filters.ts';
import { withArrays } from '../../../src/engine/arrays/open-arrays.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { inspectSource } from '../../../src/engine/importing/inspect.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

type Fill = (file: InstanceType<typeof h5wasm.File>) => void;

async function hdf5File(fill: Fill): Promise<string> {
  const { FS } = (await h5wasm.ready) as unknown as {
    FS: { readFile(path: string): Uint8Array; unlink(path: string): void };
  };
  const file = new h5wasm.File('/made.h5', 'w');
  fill(file);
  file.close();
  const path = join(scratch.folder, 'made.h5');
  await writeFile(path, FS.readFile('/made.h5'));
  FS.unlink('/made.h5');
  return path;
}

const pixels = Uint8Array.from({ length: 20 * 32 * 32 * 3 }, (_, i) => (i * 7) % 256);

async function columnsOf(id: string): Promise<Record<string, number[]>> {
  const dataset = await openDataset(scratch.workspace, id);
  const values: Record<string, number[]> = {};
  for (const column of dataset.info.columns) values[column.name] = Array.from(await dataset.column(column));
  await dataset.close();
  return values;
}

describe('HDF5 files', () => {
  const fill: Fill = (file) => {
    file.create_dataset({
      name: 'images',
      data: pixels,
      shape: [20, 32, 32, 3],
      chunks: [3, 32, 32, 3],
      compression: 'gzip',
    });
    file
      .create_group('labels')
      .create_dataset({ name: 'y', data: Int32Array.from({ length: 20 }, (_, i) => i % 3) });
    file.create_dataset({ name: 'kind', data: Array.from({ length: 20 }, (_, i) => ['cat', 'dog'][i % 2]!) });
    file.create_dataset({
      name: 'ids',
      data: BigInt64Array.from({ length: 20 }, (_, i) => 2n ** 60n + BigInt(i % 2)),
    });
    file.create_dataset({ name: 'short', data: Float32Array.of(1, 2) });
    file.create_external_link('/etc/hostname', '/x', 'elsewhere');
  };

  it('are imported: images, labels in groups, words and large whole numbers; links are refused', async () => {
    const path = await hdf5File(fill);
    const info = await importDataset(scratch.workspace, path, { crop: 'auto', imageSize: 32 });
    expect(info).toMatchObject({
      images: 20,
      channels: 3,
      skipped: expect.arrayContaining([
        { file: 'elsewhere', reason: 'it is a link to another file' },
        { file: 'short', reason: 'it is [2], and there are 20 images' },
      ]) as unknown,
    });
    expect(info.skipped).toHaveLength(2);
    const dataset = await openDataset(scratch.workspace, info.id);
    expect(
      Buffer.from(await dataset.readImages(Array.from({ length: 20 }, (_, i) => i))).equals(pixels),
    ).toBe(true);
    await dataset.close();
    expect(Object.keys(await columnsOf(info.id)).sort()).toEqual(['ids', 'kind', 'labels/y']);
    const found = await inspectSource([path], { crop: 'auto', seed: 2 });
    expect(found).toMatchObject({ images: 20, examined: 20, failures: 0 });
  });

  it('give any rows', async () => {
    const path = await hdf5File(fill);
    await withArrays(path, async ({ arrays }) => {
      for await (const piece of arrays.get('images')!.rows(7, 9)) {
        expect(Buffer.from(piece as Uint8Array).equals(pixels.subarray(7 * 3072, 9 * 3072))).toBe(true);
      }
      expect(await readElements(arrays.get('kind')!)).toHaveLength(20);
    });
  });

  it('that are none, or end early, are refused', async () => {
    const path = join(scratch.folder, 'bad.h5');
    await writeFile(path, 'no such file');
    await expect(importDataset(scratch.workspace, path, { crop: 'auto' })).rejects.toThrow(
      'not an HDF5 file',
    );
  });
});

describe('HDF5 files compressed by other programs', () => {
  const IDS = { bzip2: 307, lzf: 32000, blosc: 32001, lz4: 32004, bitshuffle: 32008, zstd: 32015 };
  const OPTIONS: Readonly<Record<number, number[]>> = {
    ...{ 307: [9], 32000: [], 32001: [0, 0, 0, 0, 5, 1, 0], 32004: [], 32008: [0, 2], 32015: [3] },
  };
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 3);

  async function compressed(id: number, name = 'images'): Promise<string> {
    addFilters(await h5wasm.ready, [id]);
    return hdf5File((file) => {
      const of = (own: string) => (own === name ? { compression: id, compression_opts: OPTIONS[id]! } : {});
      file.create_dataset({
        name: 'images',
        data: pixels,
        shape: [20, 32, 32, 3],
        chunks: [4, 32, 32, 3],
        ...of('images'),
      });
      file.create_dataset({ name: 'good', data: labels });
      file.create_dataset({ name: 'labels', data: labels, chunks: [20], ...of('labels') });
    });
  }

  it.each(Object.entries(IDS))('are read: %s', async (_, id) => {
    const path = await compressed(id);
    await withArrays(path, async ({ arrays }) => {
      expect(
        Buffer.from((await readElements(arrays.get('images')!)) as Uint8Array).equals(Buffer.from(pixels)),
      ).toBe(true);
    });
    const info = await importDataset(scratch.workspace, path, { crop: 'auto', imageSize: 32 });
    expect(info.skipped).toEqual([]);
  });

  it('are imported without a label array that is damaged, which is named', async () => {
    const path = await compressed(IDS.lzf, 'labels');
    const bytes = await readFile(path);
    const whole = await withArrays(path, ({ arrays }) => readElements(arrays.get('labels')!));
    expect([...(whole as Int32Array)]).toEqual([...labels]);
    // The chunk of the labels is the only one that is compressed; LZF begins with the length of a literal.
    let damaged = false;
    for (let at = bytes.length - 8; at > 0 && !damaged; at--) {
      const copy = Buffer.from(bytes);
      copy.fill(0xff, at, at + 8);
      await writeFile(path, copy);
      damaged = await withArrays(path, async ({ arrays }) => {
        const read = arrays.get('labels');
        return (
          read !== undefined &&
          (await readElements(read).then(
            () => false,
            () => true,
          ))
        );
      }).catch(() => false);
    }
    expect(damaged).toBe(true);
    const info = await importDataset(scratch.workspace, path, { crop: 'auto', imageSize: 32 });
    expect(info.skipped).toEqual([
      { file: 'labels', reason: 'its “labels” is damaged, or stored in another file' },
    ]);
    expect(Object.keys(await columnsOf(info.id))).toEqual(['good']);
  });
});

describe('links inside an HDF5 file', () => {
  it('that lead round in circles, or twice to a group, are followed once', async () => {
    const path = await hdf5File((file) => {
      const group = file.create_group('group');
      group.create_dataset({ name: 'images', data: pixels, shape: [20, 32, 32, 3] });
      group.create_dataset({ name: 'y', data: Int32Array.from({ length: 20 }, (_, i) => i % 3) });
      group.create_hard_link('/', 'whole');
      group.create_hard_link('/group', 'itself');
      file.create_hard_link('/group', 'twice');
      file.create_soft_link('/nowhere', 'gone');
    });
    await withArrays(path, ({ arrays, refused }) => {
      expect([...arrays.keys()].sort()).toEqual(['group/images', 'group/y']);
      expect(Object.fromEntries(refused.map(({ file, reason }) => [file, reason]))).toEqual({
        'group/itself': 'it is the group “group” under another name, which is read already',
        'group/whole': 'it is the whole file under another name, which is read already',
        twice: 'it is the group “group” under another name, which is read already',
        gone: 'it is no array',
      });
      return Promise.resolve();
    });
  });
});

describe('idx files of MNIST', () => {
  it.each([false, true])('are imported with the labels beside them; packed: %s', async (isPacked) => {
    const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 28, 0, 0, 0, 28]);
    const images = Buffer.concat([header, Buffer.from(pixels.subarray(0, 20 * 784))]);
    const labels = Buffer.concat([
      Buffer.from([0, 0, 8, 1, 0, 0, 0, 20]),
      Buffer.from(Array.from({ length: 20 }, (_, i) => i % 4)),
    ]);
    const end = isPacked ? '.gz' : '';
    const pack = (bytes: Buffer) => (isPacked ? gzipSync(bytes) : bytes);
    const path = join(scratch.folder, `train-images-idx3-ubyte${end}`);
    await writeFile(path, pack(images));
    const labelsPath = join(scratch.folder, `train-labels-idx1-ubyte${end}`);
    await writeFile(labelsPath, pack(labels));
    const both = await importDataset(scratch.workspace, [labelsPath, path], { crop: 'auto', imageSize: 32 });
    expect(both).toMatchObject({ images: 20, channels: 1, columns: [{ name: 'labels' }] });
    const info = await importDataset(scratch.workspace, path, { crop: 'auto', imageSize: 32 });
    expect(info).toMatchObject({ images: 20, channels: 1, skipped: [] });
    expect((await columnsOf(info.id))['labels']!.slice(0, 5)).toEqual([0, 1, 2, 3, 0]);
  });
});

/** A Python with h5py, made once and kept beside the other packages; undefined where pip cannot fetch it. */
function pythonWithH5py(): string | undefined {
  const folder = join(import.meta.dirname, '../../../node_modules/.cache/h5py');
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return python;
  const making = `${folder}.${process.pid}`;
  const made =
    spawnSync('python3', ['-m', 'venv', making]).status === 0 &&
    spawnSync(join(making, 'bin/python'), ['-m', 'pip', 'install', '-q', 'h5py', 'numpy']).status === 0;
  if (!made) return undefined;
  renameSync(making, folder);
  return python;
}

const MAKE = `
import sys, h5py, numpy as np
n = 20000
rng = np.random.default_rng(0)
grids = [np.arange(10) / 10] * 3 + [np.linspace(.75, 1.25, 8), np.arange(4.), np.linspace(-30, 30, 15)]
labels = np.stack([g[np.arange(n) // s % len(g)] for g, s in zip(grids, [2000, 200, 20, 7, 3, 1])], 1)
with h5py.File(sys.argv[1], 'w') as f:
    images = f.create_dataset('images', (n, 64, 64, 3), 'u1', chunks=(100, 64, 64, 3), compression='gzip', compression_opts=1)
    for at in range(0, n, 1000):
        images[at:at + 1000] = np.broadcast_to((np.arange(at, at + 1000) % 251).astype('u1')[:, None, None, None], (1000, 64, 64, 3))
    f['labels'] = labels
`;

describe('3dshapes of 20,000 images, made by h5py', () => {
  it('is imported with its factors named, in less than 1 GB', { timeout: 300_000 }, async (context) => {
    const python = pythonWithH5py();
    if (python === undefined) return context.skip('pip could not fetch h5py');
    const path = join(scratch.folder, '3dshapes.h5');
    expect(spawnSync(python, ['-c', MAKE, path]).status).toBe(0);
    const info = await importDataset(scratch.workspace, path, { crop: 'auto' });
    expect(process.resourceUsage().maxRSS / 1024).toBeLessThan(1024);
    expect(info).toMatchObject({ images: 20_000, channels: 3, skipped: [] });
    expect(info.columns.map(({ name, factor }) => [name, factor])).toEqual(
      ['floor_hue', 'wall_hue', 'object_hue', 'scale', 'shape', 'orientation'].map((name) => [name, true]),
    );
    const values = await columnsOf(info.id);
    expect(values['floor_hue']![19_999]).toBeCloseTo(0.9);
    expect(values['orientation']!.slice(0, 15).map(Math.round)).toEqual(
      Array.from({ length: 15 }, (_, i) => Math.round(-30 + (60 * i) / 14)),
    );
    const dataset = await openDataset(scratch.workspace, info.id);
    const image = await dataset.readImages([12_345]);
    await dataset.close();
    expect(image.every((value) => value === 12_345 % 251)).toBe(true);
    await rm(path);
  });
});

const ODD = `
import sys, h5py, numpy as np
n = 6
with h5py.File(sys.argv[1], 'w') as f:
    images = np.arange(n * 32 * 32, dtype='f4').reshape(n, 32, 32) % 251
    f['images'] = (images / 256).astype('f2')
    f['whole'] = np.arange(n, dtype='>i4')
    f['parts'] = np.arange(n, dtype='>f8') / 8
    f['halves'] = np.arange(n, dtype='>f2') / 4
    f.create_dataset('elsewhere', (n,), 'i4', external=[('/etc/passwd', 0, 24)])
    layout = h5py.VirtualLayout((n,), 'i4')
    layout[:] = h5py.VirtualSource('/other.h5', 'x', (n,))
    f.create_virtual_dataset('virtual', layout)
    f['itself'] = h5py.SoftLink('/itself')
    f['nowhere'] = h5py.SoftLink('/nothing')
    f.create_group('around')['back'] = h5py.SoftLink('/')
    size = 2 ** 31 - 1
    f.create_dataset('bomb', (size,), 'u1', chunks=(size,), compression='gzip')
    group = f
    for _ in range(40): group = group.create_group('in')
    group['deep'] = np.arange(n)
with h5py.File(sys.argv[1] + '.mat', 'w', userblock_size=512) as f:
    a = f.create_dataset('images', data=np.arange(n * 32 * 32 * 3, dtype='u4').reshape(n, 3, 32, 32).astype('u1'))
    a.attrs['MATLAB_class'] = np.bytes_('uint8')
    y = f.create_dataset('y', data=np.arange(n, dtype='f8').reshape(1, n) / 8)
    y.attrs['MATLAB_class'] = np.bytes_('double')
    t = f.create_dataset('t', data=np.zeros((3, n), 'u2'))
    t.attrs['MATLAB_class'] = np.bytes_('char')
`;

const PACKED = `
import sys, h5py, numpy as np
n = 20
with h5py.File(sys.argv[1], 'w') as f:
    images = (np.arange(n * 32 * 32 * 3) * 7 % 256).astype('u1').reshape(n, 32, 32, 3)
    packed = {'compression': 'lzf', 'chunks': True}
    f.create_dataset('images', data=images, **(packed if sys.argv[2] == 'images' else {}))
    f.create_dataset('good', data=np.arange(n) % 3)
    f.create_dataset('labels', data=np.arange(n) % 3, **(packed if sys.argv[2] == 'labels' else {}))
`;

describe('HDF5 files whose compression is not known', () => {
  /** A file that h5py has written, whose filter has been given the number of LZO. */
  async function packedFile(array: string): Promise<string | undefined> {
    const python = pythonWithH5py();
    if (python === undefined) return undefined;
    const path = join(scratch.folder, 'packed.h5');
    expect(spawnSync(python, ['-c', PACKED, path, array]).status).toBe(0);
    await withArrays(path, async ({ arrays }) => {
      const images = (await readElements(arrays.get('images')!)) as Uint8Array;
      expect(Buffer.from(images).equals(Buffer.from(pixels))).toBe(true);
    });
    const bytes = await readFile(path);
    const at = bytes.indexOf('lzf\0');
    expect(bytes.readUInt16LE(at - 8)).toBe(32000);
    bytes.writeUInt16LE(305, at - 8);
    await writeFile(path, bytes);
    return path;
  }

  it('are read without such an array, which is named', async (context) => {
    const path = await packedFile('labels');
    if (path === undefined) return context.skip('pip could not fetch h5py');
    const info = await importDataset(scratch.workspace, path, { crop: 'auto', imageSize: 32 });
    expect(info.images).toBe(20);
    expect(Object.keys(await columnsOf(info.id))).toEqual(['good']);
    expect(info.skipped).toEqual([
      {
        file: 'labels',
        reason: expect.stringContaining('compressed with lzo, which is not supported') as string,
      },
    ]);
  });

  it('are refused where it is that of the images', async (context) => {
    const path = await packedFile('images');
    if (path === undefined) return context.skip('pip could not fetch h5py');
    await expect(importDataset(scratch.workspace, path, { crop: 'auto' })).rejects.toThrow(
      'its “images” cannot be read: it is compressed with lzo',
    );
  });
});

describe('what h5py can write beside plain arrays', () => {
  function oddFile(): string | undefined {
    const python = pythonWithH5py();
    const path = join(scratch.folder, 'odd.h5');
    if (python === undefined) return undefined;
    expect(spawnSync(python, ['-c', ODD, path]).status).toBe(0);
    return path;
  }

  it('is read in half precision and big-endian, and left out by name where it cannot be', async (context) => {
    const path = oddFile();
    if (path === undefined) return context.skip('pip could not fetch h5py');
    const info = await importDataset(scratch.workspace, path, { crop: 'none', imageSize: 32 });
    const found = await columnsOf(info.id);
    expect(found).toEqual({
      whole: [0, 1, 2, 3, 4, 5],
      parts: [0, 0.125, 0.25, 0.375, 0.5, 0.625],
      halves: [0, 0.25, 0.5, 0.75, 1, 1.25],
    });
    const dataset = await openDataset(scratch.workspace, info.id);
    const image = await dataset.readImages([3]);
    await dataset.close();
    expect(Array.from(image)).toEqual(
      Array.from({ length: 1024 }, (_, i) => Math.round((((3 * 1024 + i) % 251) / 256) * 255)),
    );
    const skipped = info.skipped.map(({ file, reason }) => `${file}: ${reason}`);
    expect(skipped.sort()).toEqual([
      'around/back: it is a link to a group of the file, which is read there',
      'bomb: it is compressed in pieces of 2,048 MB, and at most 256 MB are read',
      'elsewhere: it is damaged, or its numbers are in another file',
      'in/in/in/in/in/in/in/in/in: it lies too deep in other groups',
      'itself: it is damaged, or a link that leads nowhere',
      'nowhere: it is no array',
      'virtual: it is a virtual data set, put together from others',
    ]);
  });

  it('that ends early at any place is refused', async (context) => {
    const path = oddFile();
    if (path === undefined) return context.skip('pip could not fetch h5py');
    const whole = await readFile(path);
    for (const length of [0, 8, 64, 500, 2000, Math.floor(whole.length / 2), whole.length - 1]) {
      await writeFile(path, whole.subarray(0, length));
      await expect(importDataset(scratch.workspace, path, { crop: 'none' })).rejects.toMatchObject({
        code: 'bad-input',
      });
    }
  });

  it('is read as MATLAB 7.3 keeps it: behind a block of its own, axes reversed', async (context) => {
    const path = oddFile();
    if (path === undefined) return context.skip('pip could not fetch h5py');
    const info = await importDataset(scratch.workspace, `${path}.mat`, { crop: 'none', imageSize: 32 });
    expect(info).toMatchObject({
      images: 6,
      channels: 3,
      skipped: [{ file: 't', reason: 'it is a text of MATLAB 7.3' }],
    });
    expect(await columnsOf(info.id)).toEqual({ y: [0, 0.125, 0.25, 0.375, 0.5, 0.625] });
    const dataset = await openDataset(scratch.workspace, info.id);
    const image = await dataset.readImages([1]);
    await dataset.close();
    // Its author's [y, x, channel, image] is stored as [image, channel, x, y].
    const at = (y: number, x: number, c: number): number => (((1 * 3 + c) * 32 + x) * 32 + y) % 256;
    expect(image[(5 * 32 + 7) * 3 + 2]).toBe(at(5, 7, 2));
    expect(image[(31 * 32 + 0) * 3 + 1]).toBe(at(31, 0, 1));
  });
});
