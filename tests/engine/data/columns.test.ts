import { describe, expect, it } from 'vitest';
import { folderColumn, typeColumn } from '../../../src/engine/data/columns.ts';

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
    ['true and missing', ['true', '', 'false'], [1, NaN_, 0], undefined],
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

  it('is nothing where nothing is known or every row has words of its own', () => {
    expect(typed('', 'NA', 'null')).toBeUndefined();
    expect(typed(...Array.from({ length: 50 }, (_, i) => `remark ${i}`))).toBeUndefined();
  });
});

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
});
