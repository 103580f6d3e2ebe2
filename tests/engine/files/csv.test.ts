import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  csvNumbers,
  parseCsv,
  readCsv,
  readCsvText,
  writeCsv,
  type CsvTable,
} from '../../../src/engine/files/csv.ts';
import { namedLabelFile, readTable } from '../../../src/engine/labels/read-table.ts';
import { checkRows } from '../../../src/engine/files/table-limits.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

function cells({ columns, rows }: CsvTable): string[][] {
  return Array.from({ length: rows }, (_, row) => columns.map(({ texts, codes }) => texts[codes[row]!]!));
}

describe('CSV tables', () => {
  it.each([
    ['commas', 'a,b\n1,2\n3,4\n'],
    ['semicolons', 'a;b\n1;2\n3;4\n'],
    ['tabs', 'a\tb\n1\t2\n3\t4\n'],
    ['a byte order mark, CRLF and no last line feed', '\uFEFFa,b\r\n1,2\r\n3,4'],
    ['empty lines and spaces', 'a , b\n\n 1, 2\n\n3 ,4\n\n'],
  ])('reads %s', async (_, text) => {
    const table = await readCsvText(text, 'x.csv');
    expect(table.columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(cells(table)).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it('keeps commas, quotes and line feeds within quotes', async () => {
    const table = await readCsvText('name,remark\nx,"a ""b"", c\nd"\n', 'x.csv');
    expect(cells(table)).toEqual([['x', 'a "b", c\nd']]);
  });

  it('fills short rows with nothing, and refuses long ones', async () => {
    expect(cells(await readCsvText('a,b\n1\n', 'x.csv'))).toEqual([['1', '']]);
    await expect(readCsvText('a,b\n1,2,3\n', 'x.csv')).rejects.toThrow('row 2 has more values');
    expect(cells(await readCsvText('a,b\n1,2,\n', 'x.csv'))).toEqual([['1', '2']]);
  });

  it('reads a header without rows, and refuses an empty file', async () => {
    expect((await readCsvText('a,b\n', 'x.csv')).rows).toBe(0);
    await expect(readCsvText('', 'x.csv')).rejects.toMatchObject({ code: 'bad-input' });
    await expect(readCsv(join(folder, 'missing.csv'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a pipe at once, which nobody could be kept from waiting for',
    async () => {
      const path = join(folder, 'pipe.csv');
      execFileSync('mkfifo', [path]);
      await expect(readCsv(path)).rejects.toMatchObject({ code: 'bad-input', path });
      const named = namedLabelFile(path);
      await expect(readTable(named)).rejects.toMatchObject({ code: 'bad-input', path });
    },
  );

  it('takes off what keeps a spreadsheet from running a text, of names and of values', async () => {
    const path = join(folder, 'formulas.csv');
    const rows = [
      ['=1+1', '-a', "'+b"],
      ['x', -1.5, '-1.5'],
    ];
    await writeCsv(path, ['=name', '@b', 'c'], rows);
    expect(await readFile(path, 'utf8')).toBe(`'=name,'@b,c\n'=1+1,'-a,''+b\nx,-1.5,-1.5\n`);
    const table = await readCsv(path);
    expect(table.columns.map(({ name }) => name)).toEqual(['=name', '@b', 'c']);
    expect(cells(table)).toEqual(rows.map((row) => row.map(String)));
    await writeCsv(path, ['a'], [['=1']], { isRaw: true });
    expect(await readFile(path, 'utf8')).toBe('a\n=1\n');
  });

  it('holds more rows than a first block', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${i},${i % 3}`);
    const table = await readCsvText(`i,class\n${lines.join('\n')}`, 'x.csv');
    expect(Array.from(csvNumbers(table.columns[0]!))).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    expect(table.columns[1]!.texts).toEqual(['0', '1', '2']);
  });

  it('gives back any texts and any float32 numbers that were written', async () => {
    const path = join(folder, 'round.csv');
    // Texts are trimmed when read.
    const text = fc.string({ minLength: 1 }).map((s) => `x${s.replaceAll('\0', '')}x`);
    const row = fc.tuple(text, fc.float({ noNaN: true, noDefaultInfinity: true }));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        await writeCsv(path, ['name', 'value'], rows);
        const table = await readCsv(path);
        expect(cells(table).map(([name]) => name)).toEqual(rows.map(([name]) => name));
        // −0 is written as 0.
        expect(Array.from(csvNumbers(table.columns[1]!))).toEqual(rows.map(([, value]) => value + 0));
      }),
      { numRuns: 30 },
    );
  });

  it('says that a text is no number', async () => {
    await writeFile(join(folder, 'n.csv'), 'v\n1e3\nabc\n-2.5\n');
    const { columns } = await readCsv(join(folder, 'n.csv'));
    expect(Array.from(csvNumbers(columns[0]!))).toEqual([1000, Number.NaN, -2.5]);
  });
});

describe('tables that are too large', () => {
  const reading = (text: string) => readCsvText(text, 'x.csv');

  it('are refused by their number of columns', async () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `c${i}`).join(',');
    await expect(reading(`${names}\n`)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Could not read x.csv: it has 30,000 columns, and at most 4,096 are read.',
    });
  });

  it('are refused by their number of rows and columns together', () => {
    expect(() => checkRows('x.csv', 25_000, 4000)).not.toThrow();
    expect(() => checkRows('x.csv', 25_001, 4000)).toThrow(
      'it has more than 25,000 rows, the most that are read of a table of 4,000 columns',
    );
    expect(() => checkRows('x.csv', 10_000_001, 2)).toThrow('it has more than 10,000,000 rows');
  });

  it('are refused by a name that is a text', async () => {
    await expect(reading(`a,${'b'.repeat(2000)}\n`)).rejects.toThrow('column 2 has 2,000 characters');
  });

  it.each([
    ['a quotation mark that is never closed', 'x,"1\n', 'yyyyyyy,1\n'],
    ['no line feeds', 'x', 'yyyyyyy,'],
    ['no commas', 'x', 'yyyyyyyy'],
  ])('are refused by a row that does not end: %s', async (_, start, text) => {
    let given = 0;
    async function* endless(): AsyncGenerator<string> {
      yield `a,b\n1,2\n${start}`;
      // Far more than the parser could go over again and again.
      for (; given < 500; given++) yield await Promise.resolve(text.repeat(8000));
    }
    await expect(parseCsv(endless(), 'x.csv')).rejects.toThrow(
      'its row 3 is longer than 1,000,000 characters',
    );
    expect(given).toBeLessThan(30);
  });

  it('do not include one with thousands of empty rows, as spreadsheets write them', async () => {
    expect((await reading(`a,b\n1,2\n${',\n'.repeat(900_000)}3,4\n`)).rows).toBe(2);
  });
});
