import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/contract/run.ts';
import { conditionWidth, encodeCondition } from '../../../src/contract/condition.ts';
import { parseCondition } from '../../../src/engine/models/condition.ts';

const smiling: Condition = { column: 'Smiling', type: 'binary', usual: 1 };
const shape: Condition = {
  column: 'shape',
  type: 'categorical',
  categories: ['square', 'ellipse', 'heart'],
  usual: 2,
};
const age: Condition = { column: 'age', type: 'continuous', mean: 40, deviation: 10, usual: 40 };

const treatment: Condition = {
  column: 'treatment',
  type: 'binary',
  categories: ['control', 'drug A'],
  usual: 0,
};
const dose: Condition = { column: 'dose', type: 'continuous', unit: 'µM', mean: 5, deviation: 3, usual: 5 };
const imaged: Condition = {
  column: 'imaged',
  type: 'continuous',
  date: { from: '2026-03-01', step: 'day' },
  mean: 2,
  deviation: 1,
  usual: 2,
};

describe('a condition', () => {
  it('of yes or no is one number', () => {
    expect(conditionWidth(smiling)).toBe(1);
    expect([...encodeCondition(smiling, [0, 1])]).toEqual([0, 1]);
  });

  it('of categories is one-hot', () => {
    expect(conditionWidth(shape)).toBe(3);
    expect([...encodeCondition(shape, [0, 2])]).toEqual([1, 0, 0, 0, 0, 1]);
  });

  it('of a number is standardised', () => {
    expect([...encodeCondition(age, [40, 55])]).toEqual([0, 1.5]);
  });

  it('that is not known is the usual one', () => {
    expect([...encodeCondition(smiling, [Number.NaN])]).toEqual([1]);
    expect([...encodeCondition(shape, [Number.NaN])]).toEqual([0, 0, 1]);
    expect([...encodeCondition(age, [Number.NaN])]).toEqual([0]);
  });

  it.each<[Condition, string, number]>([
    [smiling, 'yes', 1],
    [smiling, 'No', 0],
    [smiling, '1', 1],
    [shape, 'Heart', 2],
    [age, '27.5', 27.5],
    [treatment, 'drug a', 1],
    [treatment, 'no', 0],
    [dose, '12 µM', 12],
    [dose, '12', 12],
    [imaged, '2026-03-04', 3],
    [imaged, '1 Mar 2026 12:00', 0.5],
  ])('is read as people write it: %o, %s', (condition, text, value) => {
    expect(parseCondition(condition, text)).toBe(value);
  });

  it.each<[Condition, string, string]>([
    [smiling, 'perhaps', 'Smiling is yes or no.'],
    [shape, 'circle', 'shape is one of square, ellipse, heart.'],
    [age, 'old', 'age is a number.'],
    [treatment, 'drug B', 'treatment is one of control, drug A.'],
    [imaged, 'later', 'imaged is a date, such as 2026-03-01.'],
  ])('that there is not says what there is: %o, %s', (condition, text, hint) => {
    expect(parseCondition(condition, text)).toEqual({ hint });
  });
});
