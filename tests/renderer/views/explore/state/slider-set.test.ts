import { describe, expect, it } from 'vitest';
import type { IndependentAxes } from '../../../../../src/contract/operations/codes.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { areSameValue, axisSet } from '../../../../../src/renderer/views/explore/state/slider-set.ts';

/** Two axes of three dimensions: s₀ = (z₀ + z₁) − 3, s₁ = (z₀ − z₁) / 2 + 0.5; the third dimension has no part. */
const AXES: IndependentAxes = {
  axes: [
    { axis: 0, variance: 0.75, name: 'smile', bits: 0.5 },
    { axis: 1, variance: 0.25 },
  ],
  mean: tensor('f32', [3], Float32Array.of(1, 2, 0)),
  unmixing: tensor('f32', [2, 3], Float32Array.of(1, 1, 0, 0.5, -0.5, 0)),
  mixing: tensor('f32', [3, 2], Float32Array.of(0.5, 1, 0.5, -1, 0, 0)),
  hasConverged: true,
};

describe('sliders along independent axes', () => {
  const set = axisSet(AXES);
  const z = Float32Array.of(0.3, -1.7, 4);

  it('move the code along one axis, and leave the other axes and the rest of the code as they are', () => {
    const moved = set.moved(z, 1, 1.25);
    expect(set.valueOf(moved, 1)).toBe(1.25);
    expect(areSameValue(set, set.valueOf(moved, 0), set.valueOf(z, 0))).toBe(true);
    expect(moved[2]).toBe(4);
  });

  it('have their values at the mean, and follow a dimension that is moved', () => {
    expect([set.valueOf(AXES.mean.data, 0), set.valueOf(AXES.mean.data, 1)]).toEqual([0, 0]);
    const changed = z.slice();
    changed[0]! += 1;
    expect(set.valueOf(changed, 0) - set.valueOf(z, 0)).toBeCloseTo(1, 4);
    expect(set.valueOf(changed, 1) - set.valueOf(z, 1)).toBeCloseTo(0.5, 4);
  });

  it('show the posterior’s deviation along the axis', () => {
    const logVar = Float32Array.of(Math.log(0.16), Math.log(0.09), 0);
    expect(set.deviationOf(logVar, 0)).toBeCloseTo(0.5, 6);
  });
});
