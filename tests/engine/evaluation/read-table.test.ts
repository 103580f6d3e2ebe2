import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors, type AnyTensor } from '../../../src/engine/files/safetensors.ts';
import { npyOf, npyTexts, npzFile, NPY_OBJECTS } from '../../fixtures/npy.ts';
import { readCodeTable } from '../../../src/engine/evaluation/read-table.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-table-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(
  tensors: Record<string, AnyTensor>,
  metadata: Record<string, string> = {},
): Promise<string> {
  const path = join(folder, 'codes.safetensors');
  await writeSafetensors(path, new Map(Object.entries(tensors)), { metadata });
  return path;
}

const codes = { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const factors = { shape: [3, 1], data: Int32Array.of(0, 1, 1) };

describe('a table of codes', () => {
  it('is read with its factors and their names', async () => {
    const table = await readCodeTable(await written({ codes, factors }, { factor_names: 'shape' }));
    expect(table).toMatchObject({ count: 3, latentDim: 2 });
    expect(table.split).toBeUndefined();
    expect(table.columns).toEqual([
      { column: { name: 'shape', type: 'continuous', factor: true }, values: Float32Array.of(0, 1, 1) },
    ]);
  });

  it('is read with the rows to learn from settled', async () => {
    const test = { shape: [1, 2], data: Float64Array.of(7, 8) };
    const path = await written({
      codes_train: codes,
      factors_train: factors,
      codes_test: test,
      factors_test: { shape: [1, 1], data: Float32Array.of(Number.NaN) },
    });
    const table = await readCodeTable(path);
    expect([...table.codes]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(table.columns[0]!.column.name).toBe('factor 0');
    expect(table.split).toEqual({ train: Uint32Array.of(0, 1, 2), test: Uint32Array.of(3) });
  });

  it.each([
    [{ codes }, 'it has no tensor factors'],
    [
      { codes, factors: { shape: [2, 1], data: Int32Array.of(0, 1) } },
      'it has 3 codes and the factors of 2 images',
    ],
    [
      { codes: { shape: [3, 1, 2], data: codes.data }, factors },
      'its tensor codes is [3, 1, 2], not rows and columns',
    ],
  ])('is refused with a sentence: %#', async (tensors, what) => {
    const path = await written(tensors);
    await expect(readCodeTable(path)).rejects.toMatchObject({
      code: 'bad-input',
      message: `Could not score ${path}: ${what}.`,
    });
  });

  it('is read from an NPZ, with names as an array of texts, in either order of axes', async () => {
    const path = join(folder, 'codes.npz');
    const ids = BigInt64Array.of(2n ** 40n + 1n, 2n ** 40n, 2n ** 40n + 1n, 5n, 6n, 5n);
    await writeFile(
      path,
      npzFile({
        codes: npyOf([3, 2], Float64Array.of(1, 3, 5, 2, 4, 6), { isFortran: true }),
        factors: npyOf([3, 2], ids, { isFortran: true }),
        factor_names: npyTexts(['who', 'what']),
        metadata: NPY_OBJECTS,
      }),
    );
    const table = await readCodeTable(path);
    expect([...table.codes]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(table.columns.map(({ column, values }) => [column.name, [...values]])).toEqual([
      ['who', [1, 0, 1]],
      ['what', [5, 6, 5]],
    ]);
  });

  it('is read from a CSV table', async () => {
    const path = join(folder, 'codes.csv');
    await writeFile(
      path,
      'name,mu_0,mu_1,log_var_0,kind,size\na,1,2,0,cat,0.5\nb,3,4,0,dog,1.5\nc,5,6,0,cat,2.5\n',
    );
    const table = await readCodeTable(path);
    expect([...table.codes]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(table.columns.map(({ column, values }) => [column.name, [...values]])).toEqual([
      ['kind', [0, 1, 0]],
      ['size', [0.5, 1.5, 2.5]],
    ]);
    await writeFile(path, 'mu_0,kind\nx,cat\n');
    await expect(readCodeTable(path)).rejects.toThrow('row 1 of its column mu_0 is “x”');
  });

  it('names the type of an array that cannot be read', async () => {
    const path = join(folder, 'typed.npz');
    await writeFile(path, npzFile({ codes: npyOf([3, 1], new Float64Array(6), { descr: '<c16' }) }));
    await expect(readCodeTable(path)).rejects.toThrow('its codes cannot be read: numbers of type complex128');
  });

  const cases = '../shared/cases/12-safetensors';
  it.skipIf(!existsSync(cases)).each(['factors-int64', 'factors-int8', 'unused-int64-tensor'])(
    'is read from the issue’s %s',
    async (name) => {
      const table = await readCodeTable(join(cases, `${name}.safetensors`));
      expect(table).toMatchObject({ count: 200, latentDim: 2 });
      expect(table.columns).toHaveLength(2);
    },
  );
});
