import { expect, test } from 'vitest';
import { labelCell } from '../../../src/engine/data/label-cells.ts';

test('a label is written as a person reads it, in full precision', () => {
  const treatment = { name: 'treatment', type: 'categorical' as const, categories: ['control', 'drug A'] };
  const dose = { name: 'dose', type: 'continuous', unit: 'µM' } as const;
  const date = { from: '2026-03-01', step: 'day' } as const;
  const cells = [
    labelCell({ ...treatment, factor: false }, 1),
    labelCell({ name: 'smiling', type: 'binary', factor: false }, 1),
    labelCell({ ...dose, factor: false }, Math.fround(0.123456)),
    labelCell({ name: 'x', type: 'continuous', factor: true }, Math.fround(-0.1)),
    labelCell({ name: 'imaged', type: 'continuous', date, factor: false }, 2),
    labelCell({ ...treatment, factor: false }, Number.NaN),
  ];
  expect(cells).toEqual(['drug A', 1, '0.123456 µM', '-0.1', '2026-03-03', null]);
});
