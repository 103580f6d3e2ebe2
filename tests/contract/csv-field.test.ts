import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { csvField, textOfCsv } from '../../src/contract/csv-field.ts';

/** A cell as a program reads it that knows CSV only. */
const read = (field: string): string =>
  Papa.parse<string[]>(`${field},x`, { delimiter: ',', newline: '\n' }).data[0]![0]!;

describe('a cell of a CSV file', () => {
  it.each([
    ['=HYPERLINK("http://x","y")'],
    ['+1+1'],
    ['-2+3+cmd|x'],
    ['@SUM(A1)'],
    ['\t=1'],
    ['\r=1'],
    ['\n=1'],
    ['  =1'],
    ['＝1+1'],
    ["'=1"],
    ["''@x"],
    ['-photo.jpg'],
  ])('%j is no formula to a spreadsheet, and comes back as it was', (text) => {
    const cell = read(csvField(text));
    expect(cell).toBe(`'${text}`);
    expect(textOfCsv(cell)).toBe(text);
    expect(read(csvField(text, { isRaw: true }))).toBe(text);
  });

  it.each([['-1.5'], ['+3'], ['-1e-7'], ['.5'], ['photo.jpg'], ["'quoted'"], ["it's"], ['']])(
    '%j stays as it is',
    (text) => {
      expect(csvField(text)).toBe(text);
      expect(textOfCsv(text)).toBe(text);
    },
  );

  it('holds numbers as numbers, and nothing as nothing', () => {
    expect([-1.5, 1e-7, 0].map((value) => csvField(value))).toEqual(['-1.5', '1e-7', '0']);
    expect([null, undefined].map((value) => csvField(value))).toEqual(['', '']);
  });

  it('is quoted where any spreadsheet would cut it', () => {
    expect(csvField('a;=1')).toBe('"a;=1"');
    expect(csvField('a\t=1')).toBe('"a\t=1"');
    expect(csvField('say "a", b')).toBe('"say ""a"", b"');
  });

  it('of any text comes back as it was, and never begins a formula', () => {
    const sign = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      "'",
      '\t',
      '\r',
      '\n',
      ' ',
      '"',
      ',',
      ';',
      'a',
      '1',
      '.',
      'e',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: sign }), fc.string({ unit: 'grapheme' })), (text) => {
        const cell = read(csvField(text));
        expect(textOfCsv(cell)).toBe(text);
        expect(/^[=+\-@\t\r\n]/.test(cell) && !Number.isFinite(Number(cell))).toBe(false);
      }),
    );
  });
});
