import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/contract/condition.ts';
import type { Column } from '../../../src/contract/dataset.ts';
import type { Dataset } from '../../../src/engine/data/dataset.ts';
import { conditionRow, readOwnLabel } from '../../../src/engine/inference/conditions.ts';

const shape: Condition = {
  column: 'shape',
  type: 'categorical',
  categories: ['square', 'ellipse', 'heart'],
  usual: 2,
};

describe('what values tell a model', () => {
  it('is a row for one value, and a row for each of several', () => {
    expect([...conditionRow({ condition: shape }, 1)!]).toEqual([0, 1, 0]);
    expect([...conditionRow({ condition: shape }, [2, 0])!]).toEqual([0, 0, 1, 1, 0, 0]);
    expect(conditionRow({ condition: shape }, undefined)).toBeUndefined();
  });

  it.each([3, -1, 0.5])('is refused for a category that there is not: %d', (category) => {
    expect(() => conditionRow({ condition: shape }, [0, category])).toThrow(
      `shape has no category number ${category}.`,
    );
  });

  it('is nothing for a model without a condition, which refuses any value', () => {
    expect(conditionRow({ condition: undefined }, undefined)).toBeUndefined();
    expect(() => conditionRow({ condition: undefined }, 0)).toThrow('The model takes no condition.');
  });
});

describe('a data set that has the condition’s column', () => {
  const datasetOf = (column: Column, ...values: number[]): Dataset =>
    ({
      info: { columns: [column] },
      column: () => Promise.resolve(Float32Array.from(values)),
    }) as unknown as Dataset;
  const shapes = (...categories: string[]): Column => ({
    name: 'shape',
    type: 'categorical',
    categories,
    factor: false,
  });

  it('may have its words in another order', async () => {
    const dataset = datasetOf(shapes('heart', 'square', 'ellipse'), 0, 1);
    expect(await readOwnLabel(shape, dataset, 0)).toBe(2);
    expect(await readOwnLabel(shape, dataset, 1)).toBe(0);
  });

  it('does not have it with other words', async () => {
    expect(await readOwnLabel(shape, datasetOf(shapes('square', 'ellipse'), 0), 0)).toBeUndefined();
    expect(await readOwnLabel(shape, datasetOf(shapes('a', 'b', 'c'), 0), 0)).toBeUndefined();
  });

  it('may count its days from another one', async () => {
    const imaged = (from: string) => ({
      type: 'continuous' as const,
      date: { from, step: 'day' as const },
    });
    const column = { name: 'imaged', factor: false, ...imaged('2026-03-05') };
    const condition = { column: 'imaged', usual: 0, ...imaged('2026-03-01') };
    expect(await readOwnLabel(condition, datasetOf(column, 1), 0)).toBe(5);
  });
});
