import { describe, expect, it } from 'vitest';
import type { Column } from '../../../../src/contract/dataset.ts';
import { categoriesOf } from '../../../../src/renderer/views/data/label-shares.ts';
import { countValues, describeLabels, imagesWith } from '../../../../src/renderer/views/data/labels.ts';

const smiling: Column = { name: 'Smiling', type: 'binary', factor: false };
const beard: Column = { name: 'No_Beard', type: 'binary', factor: false };
const folder: Column = { name: 'folder', type: 'categorical', categories: ['cats', 'dogs'], factor: false };
const turn: Column = { name: 'turn', type: 'continuous', factor: true };
const treatment: Column = {
  name: 'treatment',
  type: 'binary',
  categories: ['control', 'drug A'],
  factor: false,
};
const imaged: Column = {
  name: 'imaged',
  type: 'continuous',
  date: { from: '2026-03-01', step: 'day' },
  factor: false,
};
const values = (...numbers: number[]): Float32Array => Float32Array.from(numbers);

describe('describeLabels', () => {
  const labels = [
    { column: smiling, values: values(1, 0, Number.NaN) },
    { column: beard, values: values(1, 1, 0) },
    { column: folder, values: values(0, 1, Number.NaN) },
    { column: turn, values: values(0.123, -0.5, 1) },
  ];

  it('names the labels that an image has, with their values where they have some', () => {
    expect(describeLabels(labels, 0)).toBe('Smiling, No Beard, folder cats, turn 0.12');
    expect(describeLabels(labels, 1)).toBe('No Beard, folder dogs, turn −0.5');
  });

  it('says nothing of what is not known', () => {
    expect(describeLabels(labels, 2)).toBe('turn 1');
    expect(describeLabels(labels, 3)).toBe('');
  });
});

describe('labels with words or dates', () => {
  it('keep them where an image is described', () => {
    const labels = [
      { column: treatment, values: values(0, 1) },
      { column: imaged, values: values(3, 30) },
    ];
    expect(describeLabels(labels, 0)).toBe('treatment control, imaged 2026-03-04');
    expect(describeLabels(labels, 1)).toBe('treatment drug A, imaged 2026-03-31');
  });

  it('keep them, in their order, where images are chosen by them', () => {
    expect(countValues({ column: treatment, values: values(1, 0, 1) }).map(({ title }) => title)).toEqual([
      'control',
      'drug A',
    ]);
    expect(countValues({ column: imaged, values: values(3, 0, 3) }).map(({ title }) => title)).toEqual([
      '2026-03-01',
      '2026-03-04',
    ]);
  });
});

describe('countValues', () => {
  it('counts what is there, yes before no, without what is not known', () => {
    expect(countValues({ column: smiling, values: values(0, 1, 1, Number.NaN, 1) })).toEqual([
      { value: 1, title: 'Smiling', images: 3 },
      { value: 0, title: 'not Smiling', images: 1 },
    ]);
    expect(countValues({ column: folder, values: values(1, 1, 0) })).toEqual([
      { value: 0, title: 'cats', images: 1 },
      { value: 1, title: 'dogs', images: 2 },
    ]);
  });

  it('agrees with the images that have the value', () => {
    const labels = { column: smiling, values: values(0, 1, 1, Number.NaN, 1) };
    expect([...imagesWith(labels, 1)]).toEqual([1, 2, 4]);
    for (const { value, images } of countValues(labels)) {
      expect(imagesWith(labels, value)).toHaveLength(images);
    }
  });
});

describe('categoriesOf', () => {
  it('gives the largest folders a colour each, in their order', () => {
    expect(
      categoriesOf([
        { name: 'a', images: 1 },
        { name: 'b', images: 5 },
      ]),
    ).toEqual([
      { name: 'b', images: 5, slot: 0 },
      { name: 'a', images: 1, slot: 1 },
    ]);
  });

  it('puts together what the palette has no colour for, losing no image', () => {
    const folders = Array.from({ length: 9 }, (_, i) => ({ name: `f${i}`, images: i + 1 }));
    const categories = categoriesOf(folders);
    expect(categories).toHaveLength(6);
    expect(categories.at(-1)).toEqual({ name: '4 others', images: 1 + 2 + 3 + 4, slot: 'other' });
    const sum = categories.reduce((total, { images }) => total + images, 0);
    expect(sum).toBe(45);
  });
});
