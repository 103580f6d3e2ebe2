import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { joinLabels, readLabels } from '../../../src/engine/importing/labels.ts';

const csv = (text: string) => readLabels({ name: 'x.csv', format: 'csv', open: () => Readable.from([text]) });
const celeba = (text: string) =>
  readLabels({ name: 'list.txt', format: 'celeba', open: () => Readable.from([text]) });

describe('labels from a table', () => {
  it('join by path, by file name, and by file name without extension', async () => {
    const table = await csv('file,age\nb/1.jpg,20.5\n2.jpg,30.5\n3,40.5\n');
    const joined = joinLabels(table, ['a/1.jpg', 'b/1.jpg', 'c/2.jpg', 'c/3.png'])!;
    expect(Array.from(joined.columns[0]!.values)).toEqual([Number.NaN, 20.5, 30.5, 40.5]);
  });

  it('find the column of names by its header, wherever it stands', async () => {
    const table = await csv('age,image_id\n20.5,1.jpg\n30.5,2.jpg\n');
    expect(table.keys).toEqual(['1.jpg', '2.jpg']);
    expect(table.columns.map(({ column }) => column.name)).toEqual(['age']);
  });

  it('report rows without an image, images without a row, and columns that are no labels', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i}.jpg,${i % 2},remark ${i}`);
    const { report } = joinLabels(await csv(`image,bald,remark\n${rows.join('\n')}`), [
      '0.jpg',
      'x.jpg',
      '3.jpg',
    ])!;
    expect(report).toEqual({
      file: 'x.csv',
      rowsWithoutImage: 28,
      imagesWithoutRow: 1,
      examples: ['1.jpg', '2.jpg', '4.jpg', '5.jpg', '6.jpg', 'x.jpg'],
      columnsLeftOut: ['remark'],
    });
  });

  it('match names whether composed or decomposed, and with either slash', async () => {
    const table = await csv('name,v\nMu\u0308ller.jpg,1.5\na\\b.jpg,2.5\n');
    const { columns } = joinLabels(table, ['M\u00fcller.jpg', 'a/b.jpg'])!;
    expect(Array.from(columns[0]!.values)).toEqual([1.5, 2.5]);
  });

  it('are not joined where no row names an image', async () => {
    expect(joinLabels(await csv('name,v\nq.jpg,1\n'), ['1.jpg'])).toBeUndefined();
  });
});

describe('words of labels', () => {
  const rows = (count: number, text: (row: number) => string) =>
    Array.from({ length: count }, (_, row) => `${row}.jpg,${text(row)}`).join('\n');

  it('are none where they are long texts', async () => {
    const table = await csv(`image,who,remark\n${rows(60, (i) => `p${i % 3},${'x'.repeat(2000)}${i % 3}`)}`);
    expect(table.columns.map(({ column }) => column.name)).toEqual(['who']);
    expect(table.leftOut).toEqual(['remark']);
  });

  it('are not kept without end: columns after the first hundred thousand words are left out', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `c${i}`);
    const cells = (row: number) => names.map(() => `w${row % 9000}`).join(',');
    const table = await csv(
      `image,${names.join(',')},sex\n${rows(20_000, (i) => `${cells(i)},${'fm'[i % 2]!}`)}`,
    );
    expect(table.columns.map(({ column }) => column.name)).toEqual([...names.slice(0, 11), 'sex']);
    expect(table.leftOut).toEqual(['c11']);
  });
});

describe("CelebA's attributes", () => {
  it('are read with their count line and without, −1 as 0', async () => {
    const rows = 'Bald Smiling \n000001.jpg -1  1\n000002.jpg  1 -1\n';
    for (const text of [`2\n${rows}`, rows, `2\r\n${rows.replaceAll('\n', '\r\n')}`]) {
      const { keys, columns } = await celeba(text);
      expect(keys).toEqual(['000001.jpg', '000002.jpg']);
      expect(columns.map(({ column }) => [column.name, column.type])).toEqual([
        ['Bald', 'binary'],
        ['Smiling', 'binary'],
      ]);
      expect(columns.map(({ values }) => Array.from(values))).toEqual([
        [0, 1],
        [1, 0],
      ]);
    }
  });

  it('grow beyond the first block of rows', async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => `${i}.jpg ${i % 3 ? 1 : -1} 1`);
    const { columns } = await celeba(`9000\nA B\n${rows.join('\n')}`);
    expect(Array.from(columns[0]!.values)).toEqual(rows.map((_, i) => (i % 3 ? 1 : 0)));
  });

  it('are refused where a row is cut short, with its line', async () => {
    await expect(celeba('1\nBald Smiling\n1.jpg 1\n')).rejects.toThrow('line 3 has 1 values, not 2');
    await expect(celeba('')).rejects.toThrow('no attributes');
  });

  it('are refused where they are too wide, or where a line does not end', async () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `a${i}`).join(' ');
    await expect(celeba(`${names}\n`)).rejects.toThrow('it has 30,000 columns, and at most 4,096 are read');
    async function* endless(): AsyncGenerator<string> {
      for (;;) yield await Promise.resolve('Bald '.repeat(8000));
    }
    const file = { name: 'list.txt', format: 'celeba', open: endless } as const;
    await expect(readLabels(file)).rejects.toThrow('its row 1 is longer than 1,000,000 characters');
  });

  it('are read whatever ends the lines and wherever pieces end', async () => {
    const text = 'Bald Smiling\r\n1.jpg -1 1\n2.jpg 1 -1\r3.jpg 1 1\r\n';
    for (let at = 1; at < text.length; at++) {
      const open = () => Readable.from([text.slice(0, at), text.slice(at)]);
      const { keys } = await readLabels({ name: 'list.txt', format: 'celeba', open });
      expect(keys, `${at}`).toEqual(['1.jpg', '2.jpg', '3.jpg']);
    }
  });
});
