import fc from 'fast-check';
import { Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { neighbourTowards, pick, REACH_PX } from '../../../src/renderer/scene/picking.ts';
import { seededCloud } from './seeded.ts';

const seeds = fc.integer({ min: 1, max: 1e6 });

describe('screen points', () => {
  it('are where the camera projects them, and nowhere when hidden', () => {
    const { cloud, view, screen } = seededCloud(7, 200);
    for (let i = 0; i < 200; i++) {
      const [x = 0, y = 0, z = 0] = cloud.positions.subarray(i * 3);
      if (cloud.colours[i * 4 + 3] === 0) {
        expect(screen.x[i]).toBeNaN();
        continue;
      }
      const pixel = view.project(x, y, z, new Vector3());
      if (pixel.z < view.nearest) expect(screen.x[i]).toBeNaN();
      else {
        expect(screen.x[i]).toBeCloseTo(pixel.x, 2);
        expect(screen.y[i]).toBeCloseTo(pixel.y, 2);
      }
    }
  });

  it('are computed again only when camera, places or filter have changed', () => {
    const { cloud, view, screen } = seededCloud(7, 20);
    const { version } = screen;
    screen.update(cloud, view);
    expect(screen.version).toBe(version);
    view.orbit(1, 0);
    screen.update(cloud, view);
    expect(screen.version).toBe(version + 1);
    cloud.setColours(cloud.colours.slice());
    screen.update(cloud, view);
    expect(screen.version).toBe(version + 2);
  });
});

describe('picking', () => {
  it('agrees with sorting all points: the front disc under the pointer, else the nearest in reach', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { screen, next } = seededCloud(seed, 300);
        const [x, y] = [next() * 640, next() * 480];
        const seen = Array.from({ length: screen.count }, (_, index) => ({
          index,
          depth: screen.depth[index]!,
          distance: Math.hypot(screen.x[index]! - x, screen.y[index]! - y),
        })).filter(({ distance }) => distance <= REACH_PX);
        const under = seen.filter(({ distance, depth }) => distance <= screen.radiusAt(depth));
        const expected =
          under.toSorted((a, b) => a.depth - b.depth)[0] ??
          seen.toSorted((a, b) => a.distance - b.distance)[0];
        expect(pick(screen, x, y)).toBe(expected?.index ?? -1);
      }),
      { numRuns: 300 },
    );
  });

  it('finds each visible point from its own middle, or one in front of it', () => {
    const { screen } = seededCloud(11, 400);
    for (let i = 0; i < screen.count; i++) {
      if (Number.isNaN(screen.x[i])) continue;
      const found = pick(screen, screen.x[i]!, screen.y[i]!);
      expect(screen.depth[found]!).toBeLessThanOrEqual(screen.depth[i]!);
    }
  });

  it('looks once at each of the points of all of CelebA, and at the depth only of those within reach', () => {
    const { screen } = seededCloud(5, 202_599);
    const [at, middle] = [320, 240];
    const inReach = screen.x.reduce(
      (count, x, i) => count + (Math.hypot(x - at, screen.y[i]! - middle) <= REACH_PX ? 1 : 0),
      0,
    );
    const reads = { x: 0, y: 0, depth: 0, radius: 0 };
    const counted = (name: 'x' | 'y' | 'depth'): Float32Array =>
      new Proxy(screen[name], {
        get: (places, key) => {
          if (typeof key === 'string' && /^\d+$/.test(key)) reads[name] += 1;
          return Reflect.get(places, key, places) as unknown;
        },
      });
    const points = { x: counted('x'), y: counted('y'), depth: counted('depth') };
    const radiusAt = (depth: number): number => {
      reads.radius += 1;
      return screen.radiusAt(depth);
    };
    expect(pick({ ...points, radiusAt }, at, middle)).toBe(pick(screen, at, middle));
    expect(inReach).toBeGreaterThan(0);
    expect(reads).toEqual({ x: 202_599, y: 202_599, depth: inReach, radius: inReach });
  });
});

describe('walking', () => {
  const directions = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const;

  it('goes to the nearest visible point of a quarter of the screen', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...directions), (seed, [right, down]) => {
        const { screen } = seededCloud(seed, 200);
        const from = screen.x.findIndex((x) => !Number.isNaN(x));
        fc.pre(from >= 0);
        const [x, y] = [screen.x[from]!, screen.y[from]!];
        const distances = Array.from(screen.x, (px, i) => {
          const dx = px - x;
          const dy = screen.y[i]! - y;
          const along = right !== 0 ? dx * right : dy * down;
          const across = Math.abs(right !== 0 ? dy : dx);
          const distance = Math.hypot(dx, dy);
          return along > 0 && along >= across && distance >= 1 ? distance : Infinity;
        });
        const nearest = Math.min(...distances);
        const found = neighbourTowards(screen, { x, y, index: from }, right, down);
        if (nearest === Infinity) expect(found).toBe(-1);
        else expect(distances[found]).toBeCloseTo(nearest, 6);
      }),
    );
  });

  it('comes back to where it started from, or nearer to it, when there is one way only', () => {
    const line = {
      x: Float32Array.of(10, 30, 60),
      y: Float32Array.of(50, 50, 50),
      depth: Float32Array.of(1, 1, 1),
      radiusAt: () => 2,
    };
    expect(neighbourTowards(line, { x: 10, y: 50, index: 0 }, 1, 0)).toBe(1);
    expect(neighbourTowards(line, { x: 30, y: 50, index: 1 }, 1, 0)).toBe(2);
    expect(neighbourTowards(line, { x: 30, y: 50, index: 1 }, -1, 0)).toBe(0);
    expect(neighbourTowards(line, { x: 60, y: 50, index: 2 }, 1, 0)).toBe(-1);
    expect(neighbourTowards(line, { x: 60, y: 50, index: 2 }, 0, 1)).toBe(-1);
  });
});
