import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy, readNpy, writeNpy } from '../../../src/engine/files/npy.ts';
import { bytesOf, npyFile, npyOf } from '../../fixtures/npy.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-npy-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Buffer) {
  const path = join(folder, 'x.npy');
  await writeFile(path, bytes);
  return readNpy(path);
}

const header = (descr: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;

describe('NumPy arrays', () => {
  it('gives back what was written, of any shape', async () => {
    const path = join(folder, 'round.npy');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }), async (shape) => {
        const size = shape.reduce((product, n) => product * n, 1);
        const data = Float32Array.from({ length: size }, (_, i) => i / 3);
        await writeNpy(path, { shape, data });
        expect(await readNpy(path)).toEqual({ shape, data });
      }),
      { numRuns: 20 },
    );
  });

  it('begins its numbers at a multiple of 64 bytes, as the format asks', () => {
    for (const shape of [[3], [2, 3], [1, 2, 3]]) {
      const [start] = encodeNpy({ shape, data: new Float32Array(6) });
      expect(start.length % 64).toBe(0);
      expect(start.at(-1)).toBe(0x0a);
    }
  });

  it.each([
    ['<f4', Float32Array.of(1.5, -2), [1.5, -2]],
    ['<f8', Float64Array.of(1.5, -2), [1.5, -2]],
    ['<f2', Uint16Array.of(0x3c00, 0xc000), [1, -2]],
    ['<i8', BigInt64Array.of(3n, -4n), [3, -4]],
    ['<u4', Uint32Array.of(4_000_000_000, 1), [4_000_000_000, 1]],
    ['|u1', Uint8Array.of(7, 200), [7, 200]],
    ['|b1', Uint8Array.of(0, 1), [0, 1]],
    ['|i1', Int8Array.of(-1, 5), [-1, 5]],
    ['<i2', Int16Array.of(-300, 5), [-300, 5]],
  ])('reads numbers of type %s', async (descr, array, expected) => {
    const { shape, data } = await read(npyFile(header(descr, '(2,)'), bytesOf(array)));
    expect(shape).toEqual([2]);
    expect(Array.from(data)).toEqual(expected);
  });

  it('reads numbers in either byte order and either order of axes', async () => {
    const shape = [2, 3, 4];
    const data = Float64Array.from({ length: 24 }, (_, i) => i * 1.5);
    const columns = data.map((_, i) => data[(i % 2) * 12 + (Math.floor(i / 2) % 3) * 4 + Math.floor(i / 6)]!);
    expect(await read(npyOf(shape, data, { isBigEndian: true }))).toEqual({ shape, data });
    expect(await read(npyOf(shape, columns, { isFortran: true }))).toEqual({ shape, data });
  });

  it('reads a single number, and format version 2', async () => {
    expect(await read(npyFile(header('<f4', '()'), bytesOf(Float32Array.of(4)), 2))).toEqual({
      shape: [],
      data: Float32Array.of(4),
    });
  });

  it.each([
    ['Python objects', npyFile(header('|O', '(2,)'), new Uint8Array(16)), 'never unpickled'],
    ['a file cut short', npyFile(header('<f4', '(9,)'), new Uint8Array(16)), 'ends early'],
    ['a negative size', npyFile(header('<f4', '(-1,)'), new Uint8Array(16)), 'makes no sense'],
    ['complex numbers', npyFile(header('<c8', '(2,)'), new Uint8Array(16)), 'complex64 are not supported'],
    ['text', npyFile(header('<U2', '(2,)'), new Uint8Array(16)), 'holds text'],
    [
      'several fields',
      npyFile(header('<f4', '(2,)').replace("'<f4'", "[('a', '<f4')]"), new Uint8Array(8)),
      'fields',
    ],
    ['another file', Buffer.from('hello, I am text'), 'not a NumPy array'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it('refuses a header cut short', async () => {
    const [start] = encodeNpy({ shape: [3], data: new Float32Array(3) });
    await expect(read(start.subarray(0, 40))).rejects.toThrow('ends early');
    expect(await readFile(join(folder, 'x.npy'))).toHaveLength(40);
  });
});
