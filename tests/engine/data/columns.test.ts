import { describe, expect, it } from 'vitest';
import { valueText } from '../../../src/contract/label-values.ts';
import { typeColumn } from '../../../src/engine/data/columns.ts';
import { folderColumns } from '../../../src/engine/data/folder-columns.ts';

function typed(...rows: string[]) {
  const texts = [...new Set(rows)];
  return typeColumn({ name: 'label', texts, codes: Int32Array.from(rows, (row) => texts.indexOf(row)) });
}

const NaN_ = Number.NaN;

describe('what a column of texts is', () => {
  it.each([
    ['0 and 1', ['0', '1', '1'], [0, 1, 1], undefined],
    ['−1 and 1', ['-1', '1', '-1'], [0, 1, 0], undefined],
    ['only −1', ['-1', '-1'], [0, 0], undefined],
    ['only 1', ['1', '1.0'], [1, 1], undefined],
    ['yes and no', ['yes', 'No', 'YES'], [1, 0, 1], undefined],
    ['true and missing', ['true', '', 'false'], [1, NaN_, 0], ['false', 'true']],
    ['y and N', ['y', 'N'], [1, 0], ['N', 'y']],
    ['two other numbers', ['3', '7', '3'], [0, 1, 0], ['3', '7']],
    ['two words', ['male', 'female', 'male'], [1, 0, 1], ['female', 'male']],
  ])('is binary: %s', (_, rows, values, categories) => {
    const column = typed(...rows)!;
    expect(column.column).toMatchObject({ name: 'label', type: 'binary', factor: false });
    expect(column.column.categories).toEqual(categories);
    expect(Array.from(column.values)).toEqual(values);
  });

  it('is categorical for words, in their order', () => {
    const { column, values } = typed('sad', 'happy', 'angry', 'happy', 'NA')!;
    expect(column).toMatchObject({ type: 'categorical', categories: ['angry', 'happy', 'sad'] });
    expect(Array.from(values)).toEqual([2, 1, 0, 1, NaN_]);
  });

  it('is categorical for a few whole numbers, in the order of their size', () => {
    const { column, values } = typed('10', '2', '1', '2', '10', '1')!;
    expect(column).toMatchObject({ type: 'categorical', categories: ['1', '2', '10'] });
    expect(Array.from(values)).toEqual([2, 1, 0, 1, 2, 0]);
  });

  it('is continuous for measurements, and for whole numbers that hardly repeat', () => {
    expect(typed('0.5', '1.5', '0.5', '2.25', '?')!.column.type).toBe('continuous');
    expect(typed('0.5', '1.5', '0.5')!.column.type).toBe('continuous');
    expect(Array.from(typed('0.5', '1.5', '', '2.25', '-1e2')!.values)).toEqual([0.5, 1.5, NaN_, 2.25, -100]);
    expect(typed('31', '42', '53', '64', '31')!.column.type).toBe('continuous');
    expect(typed(...Array.from({ length: 100 }, (_, i) => String(i % 50)))!.column.type).toBe('continuous');
  });

  it.each([
    [
      'as the table has them, where it is sorted by them',
      ['vehicle', 'vehicle', 'drug A', 'drug A'],
      ['vehicle', 'drug A'],
    ],
    ['by a scale that they belong to', ['high', 'low', 'Medium', 'low', 'high'], ['low', 'Medium', 'high']],
    ['by the numbers in them', ['well 10', 'well 10', 'well 2', 'well 2'], ['well 2', 'well 10']],
    ['by their amounts', ['12 µM', '0', '100 µM', '12µM', '0', '100 µM'], ['0', '12 µM', '100 µM']],
    ['by days of the week', ['Tue', 'Mon', 'Sun', 'Mon'], ['Mon', 'Tue', 'Sun']],
  ])('keeps words in their order: %s', (_, rows, categories) => {
    expect(typed(...rows)!.column.categories).toEqual(categories);
  });

  it('keeps the spelling of numbers that are classes', () => {
    expect(typed('07', '03', '07')!.column.categories).toEqual(['03', '07']);
    expect(typed('01', '02', '03', '01', '02', '03')!.column.categories).toEqual(['01', '02', '03']);
  });

  it('is continuous with a unit for measurements that were written with one', () => {
    const { column, values } = typed('0.5 µM', '12µM', '0', '3 \u03bcM', '', '1e2 µM')!;
    expect(column).toEqual({ name: 'label', type: 'continuous', factor: false, unit: 'µM' });
    expect(Array.from(values)).toEqual([0.5, 12, 0, 3, NaN_, 100]);
    expect(typed('5 nM', '1 µM', '5 nM')!.column.type).toBe('binary');
    expect(typed('007b', '008b', '007b')!.column.categories).toEqual(['007b', '008b']);
  });

  it('is nothing where nothing is known or every row has words of its own', () => {
    expect(typed('', 'NA', 'null')).toBeUndefined();
    expect(typed(...Array.from({ length: 50 }, (_, i) => `remark ${i}`))).toBeUndefined();
  });
});

describe('a column of dates', () => {
  const dated = (...rows: string[]) => {
    const { column, values } = typed(...rows)!;
    return { ...column, texts: Array.from(values, (value) => valueText(column, value)) };
  };

  it.each([
    [['2026-03-01', '2026-03-04', '2026-03-01']],
    [['2026/3/1', '2026/3/4', '2026/3/1']],
    [['1.3.2026', '4.3.2026', '01.03.2026']],
    [['1 Mar 2026', '4 March 2026', '01-Mar-2026']],
    [['March 1, 2026', 'Mar 4, 2026', 'Mar 1 2026']],
  ])('is numeric underneath and shown as dates: %o', (rows) => {
    expect(dated(...rows)).toMatchObject({
      type: 'continuous',
      date: { from: '2026-03-01', step: 'day' },
      texts: ['2026-03-01', '2026-03-04', '2026-03-01'],
    });
    expect(Array.from(typed(...rows)!.values)).toEqual([0, 3, 0]);
  });

  it('has times as they were written, and none where none is known', () => {
    expect(dated('2026-03-01T08:30:00+01:00', '2026-03-02T09:15:20+01:00', 'NA').texts).toEqual([
      '2026-03-01 08:30',
      '2026-03-02 09:15:20',
      'not known',
    ]);
    expect(dated('2026-03-01 08:30Z', '2026-03-01 08:30+02:00').texts).toEqual([
      '2026-03-01 08:30',
      '2026-03-01 06:30',
    ]);
  });

  it('takes the day or the month first as its values show, and keeps the words where none shows it', () => {
    expect(dated('13/3/2026', '1/4/2026', '13/3/2026').texts[1]).toBe('2026-04-01');
    expect(dated('3/13/2026', '1/4/2026', '3/13/2026').texts[1]).toBe('2026-01-04');
    expect(typed('1/2/2026', '3/4/2026', '1/2/2026')!.column.categories).toEqual(['1/2/2026', '3/4/2026']);
  });

  it('takes eight digits for a date only where the column is called so', () => {
    const rows = ['20260301', '20260304', '20260301'];
    const codes = Int32Array.of(0, 1, 0);
    const texts = rows.slice(0, 2);
    expect(typeColumn({ name: 'imaging date', texts, codes })!.column.date?.from).toBe('2026-03-01');
    expect(typeColumn({ name: 'serial', texts, codes })!.column.categories).toEqual(texts);
  });

  it('is words where the calendar has no such day', () => {
    expect(typed('2026-02-30', '2026-03-01', '2026-02-30')!.column.type).toBe('binary');
  });
});

const folderColumn = (names: readonly string[]) => folderColumns(names)[0];

describe('folders as a label', () => {
  it('names each folder', () => {
    const { column, values } = folderColumn(['neutral/1.jpg', 'smiling/1.jpg', 'smiling/2.jpg'])!;
    expect(column).toEqual({
      name: 'folder',
      type: 'categorical',
      categories: ['neutral', 'smiling'],
      factor: false,
    });
    expect(Array.from(values)).toEqual([0, 1, 1]);
  });

  it('leaves out what all folders share', () => {
    const { column } = folderColumn(['data/train/a/1.jpg', 'data/train/b/1.jpg', 'data/train/b/c/1.jpg'])!;
    expect(column.categories).toEqual(['a', 'b', 'b/c']);
  });

  it('is no label where there is only one folder', () => {
    expect(folderColumn(['img_align_celeba/1.jpg', 'img_align_celeba/2.jpg'])).toBeUndefined();
    expect(folderColumn(['1.jpg', '2.jpg'])).toBeUndefined();
    expect(folderColumn(['1.jpg', 'more/2.jpg'])).toBeUndefined();
    expect(folderColumn([])).toBeUndefined();
  });

  it('does not know the label of images outside the folders', () => {
    const { column, values } = folderColumn(['1.jpg', 'a/1.jpg', 'ab/1.jpg'])!;
    expect(column.categories).toEqual(['a', 'ab']);
    expect(Array.from(values)).toEqual([NaN_, 0, 1]);
  });

  it.each([
    [['train/cat/1.jpg', 'train/dog/2.jpg', 'val/cat/3.jpg', 'test/dog/4.jpg']],
    [['training/cat/1.jpg', 'training/dog/2.jpg', 'dev/cat/3.jpg', 'Test/dog/4.jpg']],
    [['cat/train/1.jpg', 'dog/train/2.jpg', 'cat/valid/3.jpg', 'dog/eval/4.jpg']],
    [
      [
        'data/x/train/cat/1.jpg',
        'data/x/train/dog/2.jpg',
        'data/x/validation/cat/3.jpg',
        'data/x/testing/dog/4.jpg',
      ],
    ],
  ])('tells classes from the parts of a split: %o', (names) => {
    const [split, folder, ...others] = folderColumns(names);
    expect(others).toEqual([]);
    expect(split!.column).toMatchObject({ name: 'split', categories: ['train', 'validation', 'test'] });
    expect(Array.from(split!.values)).toEqual([0, 0, 1, 2]);
    expect(folder!.column).toMatchObject({ name: 'folder', categories: ['cat', 'dog'] });
    expect(Array.from(folder!.values)).toEqual([0, 1, 0, 1]);
  });

  it('sees no split where only some folders are parts of one, or none is for training', () => {
    expect(folderColumns(['train/1.jpg', 'extra/2.jpg']).map(({ column }) => column.name)).toEqual([
      'folder',
    ]);
    expect(folderColumns(['val/1.jpg', 'test/2.jpg']).map(({ column }) => column.name)).toEqual(['folder']);
    expect(folderColumns(['train/1.jpg', 'val/2.jpg']).map(({ column }) => column.name)).toEqual(['split']);
  });
});
