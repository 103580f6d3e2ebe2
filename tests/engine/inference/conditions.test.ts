import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/contract/condition.ts';
import { conditionRow } from '../../../src/engine/inference/conditions.ts';

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
