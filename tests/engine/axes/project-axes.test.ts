import { describe, expect, it } from 'vitest';
import { componentsOf, type IndependentComponents } from '../../../src/engine/axes/fast-ica.ts';
import { projectOnAxes } from '../../../src/engine/axes/project-axes.ts';

/** s0 = z0 − z1 − 1, s1 = z1, s2 = 2·z2, whose way back is z = mean + mixing · s. */
const components: IndependentComponents = {
  ...{ latentDim: 3, count: 3, hasConverged: true },
  mean: Float64Array.of(1, 0, 0),
  unmixing: Float64Array.of(1, -1, 0, 0, 1, 0, 0, 0, 2),
  mixing: Float64Array.of(1, 1, 0, 0, 1, 0, 0, 0, 0.5),
};
const codes = Float32Array.of(3, 1, -1, 0.5, -2, 4);

describe('the projection to independent axes', () => {
  it('has the components as positions, and the mixing as the way back', async () => {
    const { positions, basis, inverse, mean, variance } = await projectOnAxes(codes, components, [2, 0, 1]);
    const own = componentsOf(components, codes);
    const inOrder = [0, 1].flatMap((row) => [2, 0, 1].map((axis) => own[row * 3 + axis]!));
    positions.data.forEach((at, i) => expect(at).toBeCloseTo(inOrder[i]!, 6));
    expect([...mean.data]).toEqual([1, 0, 0]);
    // Rows of the basis and of the inverse are dual.
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        let product = 0;
        for (let l = 0; l < 3; l++) product += basis.data[i * 3 + l]! * inverse.data[j * 3 + l]!;
        expect(product).toBeCloseTo(i === j ? 1 : 0, 6);
      }
    }
    // Squares of the mixing's columns: 1, 2 and ¼.
    [0.25, 1, 2].forEach((part, axis) => expect(variance[axis]).toBeCloseTo(part / 3.25, 6));
  });

  it('leaves a second axis of the same component empty, and refuses one that there is not', async () => {
    const { variance, inverse } = await projectOnAxes(codes, components, [1, 1, 0]);
    expect(variance[1]).toBe(0);
    expect([...inverse.data.subarray(3, 6)]).toEqual([0, 0, 0]);
    await expect(projectOnAxes(codes, components, [0, 1, 3])).rejects.toMatchObject({
      code: 'not-found',
      hint: 'Its axes are numbered 0 to 2.',
    });
  });
});
