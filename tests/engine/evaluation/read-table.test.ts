import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors, type AnyTensor } from '../../../src/engine/files/safetensors.ts';
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
});
