import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImagesTensor } from '../../../src/engine/pictures/images.ts';
import { readCodes } from '../../../src/engine/codes/code-files.ts';
import { readNpy } from '../../../src/engine/files/npy.ts';
import { readElements } from '../../../src/engine/arrays/archive.ts';
import { openNpz } from '../../../src/engine/arrays/numpy.ts';
import { readSafetensors } from '../../../src/engine/files/safetensors.ts';

// Written by tests/golden/make_files.py, with the libraries of Python themselves.
const golden = (name: string): string => join(import.meta.dirname, '../../golden/files', name);
const counted = <T>(count: number, value: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => value(i));

describe("a file of Python's safetensors", () => {
  const path = golden('all-kinds.safetensors');

  it('is read with every kind of number, every shape, and its free text', async () => {
    const { tensors, metadata } = await readSafetensors(path);
    expect(Object.fromEntries(tensors)).toEqual({
      half: { shape: [2, 3, 4], data: Float32Array.from(counted(24, (i) => i / 8 - 1)) },
      single: { shape: [4, 6], data: Float32Array.from(counted(24, (i) => i / 3)) },
      double: { shape: [2], data: Float64Array.of(Math.PI, -(2 ** -1022)) },
      integers: { shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
      images: { shape: [2, 2, 2, 3], data: Uint8Array.from(counted(24, (i) => 10 * i)) },
      z: { shape: [6, 4], data: Float32Array.from(counted(24, (i) => i / 8 - 2)) },
      scalar: { shape: [], data: Float32Array.of(7) },
      empty: { shape: [0, 4], data: new Float32Array(0) },
    });
    expect(metadata).toEqual({ format: 'pt', factor_names: '["größe", "κ"]' });
  });

  it('gives its images and its codes', async () => {
    const { tensors } = await readSafetensors(path);
    expect(await readImagesTensor(path)).toEqual(tensors.get('images'));
    expect((await readCodes(path, 4)).z).toEqual(tensors.get('z'));
  });

  it.each([
    ['bfloat16', Float32Array.of(1, 1)],
    ['int64', Float64Array.of(1, 2)],
  ])('of type %s is read', async (name, data) => {
    const { tensors } = await readSafetensors(golden(`${name}.safetensors`));
    expect(tensors.get('x')).toEqual({ shape: [2], data });
  });
});

describe('an array that NumPy wrote', () => {
  it.each([
    ['float32', Float32Array.from(counted(6, (i) => i / 3))],
    ['float16', Float32Array.from(counted(6, (i) => i / 4))],
    ['int64', Float64Array.from(counted(6, (i) => i - 3))],
    ['bool', Uint8Array.of(1, 0, 1, 0, 1, 0)],
    ['fortran', Float32Array.from(counted(6, (i) => i))],
    ['big-endian', Float32Array.from(counted(6, (i) => i))],
  ])('is read as numbers: %s', async (name, data) => {
    expect(await readNpy(golden(`${name}.npy`))).toEqual({ shape: [2, 3], data });
  });

  it.each([
    ['text', 'it holds text, not numbers'],
    ['objects', 'it holds Python objects, which are never unpickled'],
  ])('is refused with the reason: %s', async (name, reason) => {
    const path = golden(`${name}.npy`);
    await expect(readNpy(path)).rejects.toMatchObject({
      code: 'bad-input',
      message: `Could not read ${path}: ${reason}.`,
    });
  });
});

describe('an archive that NumPy wrote', () => {
  it.each(['stored', 'compressed'])('is read: %s; Python objects are refused', async (name) => {
    const { arrays, refused } = await openNpz(golden(`${name}.npz`));
    expect(
      Object.fromEntries([...arrays].map(([key, { type, shape }]) => [key, { type, shape }])),
    ).toMatchObject({
      imgs: { type: 'uint8', shape: [2, 3] },
      größe: { type: 'float64', shape: [2, 3] },
    });
    expect(await readElements(arrays.get('imgs')!)).toEqual(Uint8Array.from(counted(6, (i) => 40 * i)));
    expect(await readElements(arrays.get('größe')!)).toEqual(Float64Array.from(counted(6, (i) => i / 3)));
    expect(await readElements(arrays.get('text')!)).toEqual(['größe', 'κ']);
    expect(await readElements(arrays.get('bytes')!)).toEqual(['a', 'bc']);
    expect(refused.map(({ reason }) => reason)).toEqual([
      'it holds Python objects, which are never unpickled',
    ]);
  });
});
