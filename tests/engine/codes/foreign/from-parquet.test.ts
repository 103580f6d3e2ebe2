import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCodes } from '../../../../src/engine/codes/foreign/find-codes.ts';
import { parquetLists } from '../../../fixtures/parquet-lists.ts';
import { readForeignCodes } from '../../../../src/engine/codes/foreign/import-codes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-from-parquet-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];

async function file(columnData: Columns, rowGroupSize = 3): Promise<string> {
  return written(Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize })));
}

async function written(bytes: Buffer): Promise<string> {
  const path = join(folder, 'codes.parquet');
  await writeFile(path, bytes);
  return path;
}

const ROWS = 7;
const rows = Array.from({ length: ROWS }, (_, i) => i);
const named = { name: 'file', data: rows.map((i) => `${i}.png`), type: 'STRING' } as const;
const numbers = (name: string, of: (row: number) => number) =>
  ({ name, data: Float32Array.from(rows, of), type: 'FLOAT' }) as const;

describe('codes in a Parquet file of several groups of rows', () => {
  it('are its numbered columns, with log variances and the columns beside them', async () => {
    const path = await file([
      named,
      ...[0, 1, 2].map((j) => numbers(`mu_${j}`, (i) => i + j / 8)),
      ...[0, 1, 2].map((j) => numbers(`log_var_${j}`, (i) => -i - j / 8)),
      { name: 'age', data: rows.map((i) => 20 + i), type: 'INT32' },
    ]);
    const codes = await readForeignCodes(path);
    expect(codes).toMatchObject({ rows: ROWS, latentDim: 3, key: 'mu' });
    expect([...codes.mu]).toEqual(rows.flatMap((i) => [i, i + 1 / 8, i + 2 / 8]));
    expect([...codes.logVar!]).toEqual(rows.flatMap((i) => [-i, -i - 1 / 8, -i - 2 / 8]));
    const { columns } = codes.table;
    expect(columns.map(({ name }) => name)).toEqual(['file', 'age']);
    expect(columns[0]!.texts).toEqual(named.data);
    expect(await findCodes([path], undefined)).toEqual({
      ...{ rows: ROWS, latentDim: 3, hasVariance: true, key: 'mu', keys: ['mu'] },
      columns: ['file', 'age'],
      notes: ['The codes are its columns mu_0 to mu_2, with log_var_0 ….'],
    });
  });

  it('are the lists in a column, as embeddings are written', async () => {
    const path = await written(parquetLists('even'));
    const codes = await readForeignCodes(path);
    expect(codes).toMatchObject({ rows: ROWS, latentDim: 4, key: 'embedding' });
    expect([...codes.mu]).toEqual(rows.flatMap((i) => [i, i / 2, 0 - i, 1]));
    expect(codes.table.columns.map(({ name }) => name)).toEqual(['file']);
    expect(await findCodes([path], undefined)).toMatchObject({ latentDim: 4, columns: ['file'] });
  });

  it('are refused where the lists differ in length, or a number is missing', async () => {
    const uneven = await written(parquetLists('uneven'));
    await expect(readForeignCodes(uneven)).rejects.toMatchObject({
      message: expect.stringContaining(
        'the list of embedding in row 6 has 1 numbers, the first one 2',
      ) as string,
    });
    const missing = await file([
      { name: 'mu_0', data: rows.map((i) => (i === 4 ? null : i)), type: 'DOUBLE', nullable: true },
      numbers('mu_1', (i) => i),
    ]);
    await expect(readForeignCodes(missing)).rejects.toMatchObject({
      message: expect.stringContaining('the code in row 5, dimension 0, is not a finite number') as string,
    });
  });

  it('are asked for where there are none', async () => {
    const path = await file([named, { name: 'note', data: rows.map(() => 'text'), type: 'STRING' }]);
    await expect(readForeignCodes(path)).rejects.toMatchObject({
      message: expect.stringContaining('none of its columns are the numbered dimensions of codes') as string,
    });
    await expect(findCodes([path], undefined)).rejects.toMatchObject({
      message: 'codes.parquet holds no images and no codes.',
    });
  });
});
