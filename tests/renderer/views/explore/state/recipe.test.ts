import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { RecipeSchema } from '../../../../../src/contract/recipe.ts';
import {
  frameOrder,
  interpolationRecipe,
  refuseFps,
  refuseFrames,
  refuseOffset,
  suggestedName,
  traversalRecipe,
  USUAL_MOTION,
  valuesBetween,
} from '../../../../../src/renderer/views/explore/state/recipe.ts';

const ground = { run: 'run-1', theme: 'dark' } as const;
const z = Float32Array.of(0.1, 0.2, 0.3);

describe('recipes', () => {
  it('are what the contract asks for', () => {
    const traversal = traversalRecipe(ground, USUAL_MOTION, z, [2, 0]);
    const interpolation = interpolationRecipe(ground, USUAL_MOTION, z, Float32Array.of(1, 2, 3));
    expect(v.parse(RecipeSchema, traversal)).toEqual(traversal);
    expect(v.parse(RecipeSchema, interpolation)).toEqual(interpolation);
  });

  it('hold the code, the dimensions and the range of a traversal', () => {
    expect(traversalRecipe(ground, { ...USUAL_MOTION, from: -1, to: 2 }, z, [2, 0])).toMatchObject({
      kind: 'traversal',
      run: 'run-1',
      theme: 'dark',
      center: [...z],
      dimensions: [2, 0],
      from: -1,
      to: 2,
    });
  });

  it('refuse what the contract refuses, and nothing else', () => {
    const isRefused = (change: object): boolean => {
      const recipe = traversalRecipe(ground, { ...USUAL_MOTION, ...change }, z, [0]);
      return !v.safeParse(RecipeSchema, recipe).success;
    };
    for (const frames of [1, 2, 2.5, 240, 241]) {
      expect(refuseFrames(frames) !== undefined, `${frames} frames`).toBe(isRefused({ frames }));
    }
    for (const fps of [0, 0.4, 0.5, 12.5, 50, 51]) {
      expect(refuseFps(fps) !== undefined, `${fps} a second`).toBe(isRefused({ fps }));
    }
    for (const from of [-21, -20, 0, 20, 20.5]) {
      expect(refuseOffset(from) !== undefined, `from ${from}`).toBe(isRefused({ from }));
    }
  });

  it('suggest a name that every file system takes', () => {
    const recipe = traversalRecipe(ground, USUAL_MOTION, z, [5, 4]);
    expect(suggestedName('smiles-vae', recipe)).toBe('smiles-vae z5 z4.gif');
    expect(suggestedName('a/b: "β"?', recipe)).toBe('a b β z5 z4.gif');
    expect(suggestedName('x'.repeat(500), recipe).length).toBeLessThan(200);
    expect(suggestedName('first', interpolationRecipe(ground, USUAL_MOTION, z, z))).toBe(
      'first interpolation.gif',
    );
  });
});

describe('the values along the way', () => {
  it('meet both ends exactly and go evenly', () => {
    expect(valuesBetween(-3, 3, 9)).toEqual([-3, -2.25, -1.5, -0.75, 0, 0.75, 1.5, 2.25, 3]);
    fc.assert(
      fc.property(
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.integer({ min: 2, max: 240 }),
        (from, to, count) => {
          const values = valuesBetween(from, to, count);
          expect(values).toHaveLength(count);
          expect(values[0]).toBeCloseTo(from, 12);
          expect(values.at(-1)).toBeCloseTo(to, 12);
        },
      ),
    );
  });

  it('are shown forth and back without standing still at the ends', () => {
    expect(frameOrder(4, false)).toEqual([0, 1, 2, 3]);
    expect(frameOrder(4, true)).toEqual([0, 1, 2, 3, 2, 1]);
    expect(frameOrder(2, true)).toEqual([0, 1]);
  });
});
