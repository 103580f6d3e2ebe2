import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TileChooser } from '../../../src/renderer/scene/thinning.ts';
import { seededCloud } from './seeded.ts';

const SPACING = 44;
const MARGIN = 20;

function chosenOf(tiles: TileChooser): number[] {
  return [...tiles.chosen.subarray(0, tiles.count)];
}

describe('faces instead of dots', () => {
  it('never overlap, lie inside, and leave no room for another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 400 }), (seed, count) => {
        const { screen } = seededCloud(seed, count);
        const tiles = new TileChooser(1000, SPACING, MARGIN);
        tiles.choose(screen, 640, 480, true);
        const chosen = chosenOf(tiles);
        const apart = (a: number, b: number): number =>
          Math.max(Math.abs(screen.x[a]! - screen.x[b]!), Math.abs(screen.y[a]! - screen.y[b]!));
        const isInside = (i: number): boolean =>
          screen.x[i]! >= MARGIN &&
          screen.y[i]! >= MARGIN &&
          screen.x[i]! <= 640 - MARGIN &&
          screen.y[i]! <= 480 - MARGIN;
        for (const a of chosen) {
          expect(isInside(a)).toBe(true);
          for (const b of chosen) if (a !== b) expect(apart(a, b)).toBeGreaterThanOrEqual(SPACING);
        }
        for (let i = 0; i < count; i++) {
          if (isInside(i) && !chosen.includes(i))
            expect(chosen.some((a) => apart(a, i) < SPACING)).toBe(true);
        }
      }),
    );
  });

  it('stay while the camera moves as long as they fit, and then gaps are filled', () => {
    const { cloud, screen, view } = seededCloud(4, 500);
    const tiles = new TileChooser(1000, SPACING, MARGIN);
    tiles.choose(screen, 640, 480, true);
    const before = chosenOf(tiles);
    view.orbit(20, 3);
    screen.update(cloud, view);
    tiles.choose(screen, 640, 480, false);
    const during = chosenOf(tiles);
    expect(during.length).toBeGreaterThan(0);
    expect(during.every((i) => before.includes(i))).toBe(true);
    tiles.choose(screen, 640, 480, true);
    expect(chosenOf(tiles).slice(0, during.length)).toEqual(during);
    expect(tiles.count).toBeGreaterThanOrEqual(during.length);
  });

  it('keep out of what lies over the picture', () => {
    const { screen } = seededCloud(9, 800);
    const tiles = new TileChooser(1000, SPACING, MARGIN);
    const legend = { left: 0, top: 300, right: 300, bottom: 480 };
    tiles.choose(screen, 640, 480, true);
    const isUnder = (i: number): boolean =>
      screen.x[i]! < legend.right + MARGIN && screen.y[i]! > legend.top - MARGIN;
    expect(chosenOf(tiles).some(isUnder)).toBe(true);
    tiles.covered = [legend];
    tiles.choose(screen, 640, 480, true);
    expect(chosenOf(tiles).some(isUnder)).toBe(false);
    expect(tiles.count).toBeGreaterThan(0);
  });

  it('are no more than there is room for, and are found under the pointer', () => {
    const { screen } = seededCloud(2, 800);
    const tiles = new TileChooser(5, SPACING, MARGIN);
    tiles.choose(screen, 640, 480, true);
    expect(tiles.count).toBe(5);
    const [first] = chosenOf(tiles);
    expect(tiles.tileAt(screen, screen.x[first!]! + 15, screen.y[first!]! - 15, 16)).toBe(first);
    expect(tiles.tileAt(screen, -100, -100, 16)).toBe(-1);
  });
});
