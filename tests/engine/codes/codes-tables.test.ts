import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeCodes } from '../../../src/engine/codes/code-files.ts';
import { readForeignCodes } from '../../../src/engine/codes/foreign/import-codes.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';
import { mkdir } from 'node:fs/promises';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder, { recursive: true });
});
afterEach(() => scratch.remove());

it.each(['codes.parquet', 'codes.h5ad'])(
  'writes %s, which is read back with names and labels',
  async (file) => {
    const path = join(process.env['KEPT_CODES'] ?? scratch.folder, file);
    const mu = { shape: [4, 2], data: Float32Array.of(0.1, 1, 2, 3, 4, 5.5, -6, 7) };
    const logVar = { shape: [4, 2], data: new Float32Array(8).fill(-1) };
    const words = ['cat', null, 'dog', 'cat'];
    await writeCodes(path, {
      ...{ names: ['a.png', 'ü/b.png', 'c.png', 'd.png'], mu, logVar },
      labels: [
        { name: 'animal', at: (row) => words[row]! },
        { name: 'age', at: (row) => (row === 1 ? null : String(row + 0.5)) },
      ],
    });
    const read = await readForeignCodes(path);
    expect(read.mu).toEqual(mu.data);
    expect(read.logVar).toEqual(logVar.data);
    const columns = read.table.columns.map(({ texts, codes }) => Array.from(codes, (code) => texts[code]));
    expect(columns).toContainEqual(['a.png', 'ü/b.png', 'c.png', 'd.png']);
    expect(columns).toContainEqual(['cat', '', 'dog', 'cat']);
    expect(columns).toContainEqual(['0.5', '', '2.5', '3.5']);
  },
);
