// @vitest-environment happy-dom
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { placeCard } from '../../../../../src/renderer/views/explore/scatter/card-place.ts';
import {
  axisLabels,
  projectionNote,
  withAxis,
} from '../../../../../src/renderer/views/explore/scatter/axes-words.ts';
import { PointsState } from '../../../../../src/renderer/views/explore/scatter/points.svelte.ts';
import {
  codeAt,
  hasThirdAxis,
  placeOf,
} from '../../../../../src/renderer/views/explore/state/linear-projection.ts';
import { Recent } from '../../../../../src/renderer/views/explore/scatter/recent.ts';
import {
  covarianceOf,
  latentPathOf,
} from '../../../../../src/renderer/views/explore/scatter/latent-path-data.ts';
import type { Axes } from '../../../../../src/contract/operations/codes.ts';
import { openExplore, settled } from '../small-model.ts';

/** Three orthonormal rows in five dimensions: two turned into each other, one as it is. */
const basis = tensor('f32', [3, 5], Float32Array.of(0.6, 0, 0.8, 0, 0, -0.8, 0, 0.6, 0, 0, 0, 0, 0, 1, 0));
const projection = {
  ...{ basis, inverse: basis },
  mean: tensor('f32', [5], Float32Array.of(0.5, -1, 0, 2, 1)),
};
const number = fc.double({ min: -4, max: 4, noNaN: true });
const code = fc.array(number, { minLength: 5, maxLength: 5 }).map((z) => Float32Array.from(z));

describe('the way from codes to places', () => {
  it('and back meets exactly, and leaves alone what the axes do not show', () => {
    fc.assert(
      fc.property(code, fc.tuple(number, number, number), (z, place) => {
        const moved = codeAt(projection, place, z);
        placeOf(projection, moved).forEach((at, axis) => expect(at).toBeCloseTo(place[axis]!, 4));
        expect(moved[1]).toBeCloseTo(z[1]!, 9);
        expect(moved[4]).toBeCloseTo(z[4]!, 9);
        const back = codeAt(projection, placeOf(projection, z), moved);
        back.forEach((value, l) => expect(value).toBeCloseTo(z[l]!, 4));
      }),
    );
  });

  it('and back meets exactly on independent axes, whose other values stay', () => {
    // Rows of a matrix that is not orthonormal, and columns of its inverse.
    const independent = {
      basis: tensor('f32', [3, 3], Float32Array.of(1, 1, 0, 0, 1, 0, 0, 0, 0)),
      inverse: tensor('f32', [3, 3], Float32Array.of(1, 0, 0, -1, 1, 0, 0, 0, 0)),
      mean: tensor('f32', [3], Float32Array.of(1, 0, -1)),
    };
    const z = Float32Array.of(0.5, 2, 0.25);
    const [x, y] = placeOf(independent, z);
    const moved = codeAt(independent, [x + 2, y, 0], z);
    expect(placeOf(independent, moved)).toEqual([x + 2, y, 0]);
    expect([...moved]).toEqual([2.5, 2, 0.25]);
  });

  it('carries a posterior along: B diag(Σ) Bᵀ', () => {
    const covariance = covarianceOf(projection, Float32Array.of(Math.log(4), 0, 0, Math.log(9), 0));
    expect(covariance[0]).toBeCloseTo(0.36 * 4 + 0.64, 5);
    expect(covariance[1]).toBeCloseTo(-0.48 * 4 + 0.48, 5);
    expect(covariance[3]).toBeCloseTo(covariance[1]!, 6);
    expect(covariance[8]).toBeCloseTo(9, 5);
  });
});

describe('the latent path', () => {
  it('runs from the pinned code over the end of every move to the live one', async () => {
    const { explore } = await openExplore();
    const points = new PointsState(explore);
    await points.open();
    expect(latentPathOf(explore, points)).toMatchObject({ isMoved: false, pinned: { name: '1.jpg' } });
    explore.goTo([2, 2, 2]);
    explore.moveSlider(0, 3);
    const { places, isMoved } = latentPathOf(explore, points);
    expect(isMoved).toBe(true);
    expect([...places]).toEqual([1, -1, 0.5, 2, 2, 2, 3, 2, 2]);
    explore.live.commit();
    expect(latentPathOf(explore, points).places).toHaveLength(9);
    explore.live.undo();
    expect([...latentPathOf(explore, points).places]).toEqual([1, -1, 0.5, 2, 2, 2]);
  });

  it('has a ghost where there is a posterior, and no pinned begin at a sample of the prior', async () => {
    const { explore } = await openExplore();
    const points = new PointsState(explore);
    expect(latentPathOf(explore, points).covariance).toHaveLength(9);
    await explore.samplePrior();
    await settled();
    expect(latentPathOf(explore, points)).toMatchObject({ pinned: undefined, covariance: undefined });
    const { explore: ae } = await openExplore({ isVariational: false });
    expect(latentPathOf(ae, new PointsState(ae)).covariance).toBeUndefined();
  });
});

describe('the names of the axes', () => {
  it('say what they are and how much variance they hold', () => {
    const held = {
      ...{ kind: 'linear' as const, positions: tensor('f32', [0, 3], new Float32Array(0)) },
      ...{ ...projection, variance: [0.184, 0.17, 0.13] as [number, number, number] },
    };
    expect(axisLabels({ kind: 'pca' }, held, String)).toEqual(['PC 1, 18 %', 'PC 2, 17 %', 'PC 3, 13 %']);
    expect(
      axisLabels(
        { kind: 'dimensions', dimensions: [4, 0, 2] },
        held,
        (symbol, d) => `${symbol}${d} Smile`,
      )[0],
    ).toBe('z4 Smile, 18 %');
    const independent: Axes = { kind: 'independent', axes: [7, 1, 0] };
    expect(axisLabels(independent, held, (symbol, d) => `${symbol}${d}`)[0]).toBe('a7, 18 %');
    expect(projectionNote(independent, held, 10, 2)).toBe('a7 and a1 hold 35 % of the variance');
    expect(projectionNote({ kind: 'pca' }, held, 10)).toBe('3 of 10 components hold 48 % of the variance');
    expect(projectionNote({ kind: 'dimensions', dimensions: [4, 0, 2] }, held, 10)).toBe(
      'z4, z0 and z2 hold 48 % of the variance',
    );
  });

  it('are of the axes that are shown, with percentages of the whole variance', () => {
    const held = {
      ...{ kind: 'linear' as const, positions: tensor('f32', [0, 3], new Float32Array(0)) },
      ...{ ...projection, variance: [0.57, 0.12, 0.003] as [number, number, number] },
    };
    expect(axisLabels({ kind: 'pca' }, held, String, 2)).toEqual(['PC 1, 57 %', 'PC 2, 12 %']);
    expect(axisLabels({ kind: 'pca' }, held, String)[2]).toBe('PC 3, < 1 %');
    expect(projectionNote({ kind: 'pca' }, held, 10, 2)).toBe('2 of 10 components hold 69 % of the variance');
    expect(projectionNote({ kind: 'dimensions', dimensions: [4, 0, 2] }, held, 10, 2)).toBe(
      'z4 and z0 hold 69 % of the variance',
    );
  });

  it('are two where there are two dimensions only', () => {
    const held = {
      kind: 'linear' as const,
      positions: tensor('f32', [0, 3], new Float32Array(0)),
      basis: tensor('f32', [3, 2], Float32Array.of(1, 0, 0, 1, 0, 0)),
      inverse: tensor('f32', [3, 2], Float32Array.of(1, 0, 0, 1, 0, 0)),
      mean: tensor('f32', [2], new Float32Array(2)),
      variance: [0.6, 0.4, 0] as [number, number, number],
    };
    expect(hasThirdAxis(held)).toBe(false);
    expect(hasThirdAxis({ ...held, ...projection })).toBe(true);
    expect(projectionNote({ kind: 'pca' }, held, 2, 2)).toBe('2 of 2 components hold 100 % of the variance');
    expect(projectionNote({ kind: 'dimensions', dimensions: [1, 0, 0] }, held, 2, 2)).toBe(
      'z1 and z0 hold 100 % of the variance',
    );
  });

  it('are three different dimensions, whichever is chosen', () => {
    expect(withAxis([4, 0, 2], 1, 7)).toEqual([4, 7, 2]);
    expect(withAxis([4, 0, 2], 1, 4)).toEqual([0, 4, 2]);
    expect(withAxis([4, 0, 2], 1, 0)).toEqual([4, 0, 2]);
  });
});

describe('the hover card', () => {
  const size = { width: 144, height: 186 };
  const room = { width: 640, height: 600 };
  const spot = fc.record({
    x: fc.double({ min: 0, max: 640, noNaN: true }),
    y: fc.double({ min: 0, max: 600, noNaN: true }),
  });

  it('covers neither its point nor the pinned nor the live one, and lies inside', () => {
    fc.assert(
      fc.property(spot, spot, spot, (point, pinned, live) => {
        const { x, y } = placeCard(point, size, room, [pinned, live]);
        const within = (value: number, from: number, length: number): boolean =>
          value > from && value < from + length;
        const covers = (at: { x: number; y: number }): boolean =>
          within(at.x, x, size.width) && within(at.y, y, size.height);
        expect([point, pinned, live].some(covers)).toBe(false);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(x + size.width).toBeLessThanOrEqual(room.width);
        expect(y + size.height).toBeLessThanOrEqual(room.height);
      }),
      {
        numRuns: 2000,
        examples: [
          [
            { x: 0, y: 0 },
            { x: 16.000000001000004, y: 8.000000001000002 },
            { x: 0, y: 0 },
          ],
        ],
      },
    );
  });

  it('stands to the right of its point where it can', () => {
    const { x, y } = placeCard({ x: 200, y: 300 }, size, room, []);
    expect(x).toBe(216);
    expect(y).toBeLessThan(300);
  });
});

describe('what was seen last', () => {
  it('is kept, so much of it', () => {
    const recent = new Recent<string>(2);
    recent.keep(1, 'a');
    recent.keep(2, 'b');
    recent.keep(3, 'c');
    expect([recent.get(1), recent.get(2), recent.get(3)]).toEqual([undefined, 'b', 'c']);
  });
});
