import { describe, expect, it } from 'vitest';
import { faceWall } from '../../../../src/renderer/views/data/prior-faces.ts';

describe('faceWall', () => {
  const tiles = faceWall(1216, 756, 18);

  it('leaves its middle free, and stands in the window whole', () => {
    for (const { leftPx, topPx } of tiles) {
      expect(leftPx).toBeGreaterThanOrEqual(0);
      expect(leftPx + 64).toBeLessThanOrEqual(1216);
      expect(topPx + 64).toBeLessThanOrEqual(756);
      const isBeside = leftPx + 64 <= 608 - 328 || leftPx >= 608 + 328;
      const isAbove = topPx + 64 <= 378 - 220 || topPx >= 378 + 220;
      expect(isBeside || isAbove).toBe(true);
    }
  });

  it('hangs each face once, always in the same places', () => {
    const hung = tiles.map(({ face }) => face).filter((face) => face !== undefined);
    expect(new Set(hung).size).toBe(hung.length);
    expect(hung.length).toBeGreaterThan(14);
    expect(faceWall(1216, 756, 18)).toEqual(tiles);
  });

  it('has no tiles where there is no room', () => {
    expect(faceWall(400, 300, 18)).toEqual([]);
  });
});
