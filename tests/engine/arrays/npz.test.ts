import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeNpy } from '../../../src/engine/files/npy.ts';
import { readElements } from '../../../src/engine/arrays/archive.ts';
import { openNpz } from '../../../src/engine/arrays/numpy.ts';
import { makeZip } from '../files/make-zip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-npz-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function npzOf(arrays: Readonly<Record<string, Buffer>>): Promise<string> {
  const path = join(folder, 'x.npz');
  const entries = Object.entries(arrays).map(([name, bytes]) => ({
    name: `${name}.npy`,
    bytes,
    deflate: true,
  }));
  await writeFile(path, makeZip(entries));
  return path;
}

const images = Uint8Array.from({ length: 900 * 64 }, (_, i) => (i * 31) % 251);
const npy = (...parts: Parameters<typeof encodeNpy>) => Buffer.concat(encodeNpy(...parts));

describe('NumPy archives', () => {
  it('reads arrays whole, and in rows that no piece cuts', async () => {
    const { arrays } = await openNpz(await npzOf({ imgs: npy({ shape: [900, 64], data: images }) }));
    const array = arrays.get('imgs')!;
    expect(array).toMatchObject({ type: 'uint8', shape: [900, 64] });
    expect(await readElements(array)).toEqual(images);
    const pieces: Uint8Array[] = [];
    for await (const piece of array.rows(100, 703)) {
      expect(piece.length % 64).toBe(0);
      pieces.push(piece as Uint8Array);
    }
    expect(Buffer.concat(pieces).equals(images.subarray(6400, 703 * 64))).toBe(true);
  });

  it('leaves arrays of Python objects out, which only unpickling could read', async () => {
    const pickle = Buffer.from(npy({ shape: [8], data: new Uint8Array(8) }));
    pickle.write("{'descr': '|O',", 10, 'latin1');
    const { arrays, refused } = await openNpz(
      await npzOf({ metadata: pickle, labels: npy({ shape: [2], data: Int32Array.of(1, 2) }) }),
    );
    expect([...arrays.keys()]).toEqual(['labels']);
    expect(refused).toEqual([
      { file: 'metadata', reason: 'it holds Python objects, which are never unpickled' },
    ]);
  });

  it('refuses by name an array whose size does not fit its shape', async () => {
    const path = await npzOf({ imgs: npy({ shape: [901, 64], data: images }) });
    const { arrays, refused } = await openNpz(path);
    expect(arrays.size).toBe(0);
    expect(refused).toEqual([{ file: 'imgs', reason: 'its size does not fit its shape' }]);
  });

  it('joins the pieces of a large row once', async () => {
    const row = new Uint8Array(20_000_000);
    const { arrays } = await openNpz(await npzOf({ imgs: npy({ shape: [1, row.length], data: row }) }));
    const concat = vi.spyOn(Buffer, 'concat');
    let joined = 0;
    try {
      for await (const piece of arrays.get('imgs')!.rows(0, 1)) expect(piece.length).toBe(row.length);
      for (const { value } of concat.mock.results) joined += (value as Buffer).length;
    } finally {
      concat.mockRestore();
    }
    expect(joined).toBeLessThan(2 * row.length);
  });

  it('says what is wrong with an array that cannot be read', async () => {
    const path = join(folder, 'y.npz');
    const bytes = npy({ shape: [4], data: new Uint8Array(4) });
    await writeFile(path, makeZip([{ name: 'a.npy', bytes, statedCrc: 1 }]));
    const { arrays } = await openNpz(path);
    await expect(readElements(arrays.get('a')!)).rejects.toThrow(
      `Could not read a.npy of ${path}: the archive is damaged.`,
    );
  });
});
