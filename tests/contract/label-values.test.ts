import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { DatasetInfoSchema } from '../../src/contract/dataset.ts';
import { dateText, valueText, withUnit } from '../../src/contract/label-values.ts';

const day = { from: '2026-03-01', step: 'day' } as const;
const second = { from: '2026-03-01', step: 'second' } as const;

describe('the values of a column as people read them', () => {
  it('are its words, and yes or no without words', () => {
    const treatment = { type: 'binary', categories: ['control', 'drug A'] } as const;
    expect([0, 1].map((value) => valueText(treatment, value))).toEqual(['control', 'drug A']);
    expect([0, 1].map((value) => valueText({ type: 'binary' }, value))).toEqual(['No', 'Yes']);
    expect(valueText({ type: 'categorical', categories: ['0 µM', '12 µM'] }, 1)).toBe('12 µM');
    expect(valueText(treatment, Number.NaN)).toBe('not known');
  });

  it('are numbers with their unit', () => {
    expect(valueText({ type: 'continuous' }, -0.11)).toBe('−0.11');
    expect(valueText({ type: 'continuous', unit: 'µM' }, 12.5)).toBe('12.5 µM');
    expect(valueText({ type: 'continuous', unit: '%' }, 10)).toBe('10%');
    expect(valueText({ type: 'continuous' }, 0.00123)).toBe('0.0012');
    expect(withUnit('3', undefined)).toBe('3');
  });

  it('are dates, with the time where the column has times', () => {
    expect(dateText(day, 0)).toBe('2026-03-01');
    expect(dateText(day, 31)).toBe('2026-04-01');
    expect(dateText(second, 14.5 * 3600)).toBe('2026-03-01 14:30');
    expect(dateText(second, 86_400 + 61)).toBe('2026-03-02 00:01:01');
    expect(valueText({ type: 'continuous', date: day }, -1)).toBe('2026-02-28');
  });

  it('are whole minutes where a float32 cannot hold the seconds', () => {
    const value = Math.fround(20 * 365 * 86_400 + 12 * 3600 + 34 * 60);
    expect(value % 60).not.toBe(0);
    expect(dateText(second, value)).toMatch(/^\d{4}-\d{2}-\d{2} 12:34$/);
  });
});

describe('a stored data set', () => {
  const info = {
    version: 1,
    id: 'cells-1',
    name: 'cells',
    kind: 'imported',
    created: '2026-03-01T00:00:00.000Z',
    images: 4,
    channels: 1,
    crop: 'square',
    source: 'cells',
    columns: [{ name: 'Smiling', type: 'binary', factor: false }],
    skipped: [],
    duplicates: [],
  };

  it('opens without what newer ones say of a column', () => {
    expect(v.parse(DatasetInfoSchema, info).columns[0]).toEqual(info.columns[0]);
  });

  it.each([
    [{ from: '2026-13-01', step: 'day' }],
    [{ from: 'yesterday', step: 'day' }],
    [{ from: '2026-03-01', step: 'week' }],
  ])('is refused with a scale of dates that says nothing: %o', (date) => {
    const columns = [{ name: 'imaged', type: 'continuous', factor: false, date }];
    expect(v.safeParse(DatasetInfoSchema, { ...info, columns }).success).toBe(false);
  });
});
