import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawnRows,
  gridHeight,
  gridShape,
  moveBy,
  PITCH_PX,
  positionAt,
  positionsOf,
  scrollTo,
  TILE_PX,
} from '../../../../src/renderer/views/data/grid.ts';

const shapes = fc
  .record({ count: fc.nat(300_000), width: fc.integer({ min: 1, max: 3000 }) })
  .map(({ count, width }) => gridShape(count, width));

describe('gridShape', () => {
  it('has as many columns as fit whole, the last without its gap', () => {
    expect(gridShape(100, 13 * PITCH_PX - 4).columns).toBe(13);
    expect(gridShape(100, 13 * PITCH_PX - 5).columns).toBe(12);
    expect(gridShape(100, 10).columns).toBe(1);
  });

  it('has room for every image and no empty row', () => {
    fc.assert(
      fc.property(shapes, ({ count, columns, rows }) => {
        expect(rows * columns).toBeGreaterThanOrEqual(count);
        if (rows > 0) expect((rows - 1) * columns).toBeLessThan(count);
      }),
    );
  });

  it('is as high as its rows: 202,599 images in 13 columns', () => {
    expect(gridHeight(gridShape(202_599, 13 * PITCH_PX))).toBe(15_585 * PITCH_PX - 4);
    expect(gridHeight(gridShape(0, 900))).toBe(0);
  });
});

describe('drawnRows', () => {
  it('draws all that is seen, and only a little more however many there are', () => {
    fc.assert(
      fc.property(shapes, fc.nat(20_000_000), fc.integer({ min: 1, max: 2000 }), (shape, top, height) => {
        const [first, end] = drawnRows(shape, top, height);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(shape.rows);
        expect(end - first).toBeLessThanOrEqual(Math.ceil(height / PITCH_PX) + 13);
        const seenFirst = Math.floor(top / PITCH_PX);
        const seenLast = Math.floor((top + height - 1) / PITCH_PX);
        for (const row of [seenFirst, seenLast]) {
          if (row < shape.rows) expect(row >= first && row < end).toBe(true);
        }
      }),
    );
  });
});

describe('positionsOf', () => {
  it('names each position of the rows once, the middle row first', () => {
    const shape = gridShape(14, 4 * PITCH_PX);
    const positions = positionsOf(shape, 0, 4);
    expect([...positions].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i));
    expect(positionsOf(gridShape(100, 4 * PITCH_PX), 2, 7).slice(0, 4)).toEqual([16, 17, 18, 19]);
  });
});

describe('positionAt', () => {
  it('finds every tile by each of its corners', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, pick) => {
        fc.pre(shape.count > 0);
        const position = pick % shape.count;
        const left = (position % shape.columns) * PITCH_PX;
        const top = Math.floor(position / shape.columns) * PITCH_PX;
        expect(positionAt(shape, left, top)).toBe(position);
        expect(positionAt(shape, left + TILE_PX - 1, top + TILE_PX - 1)).toBe(position);
      }),
    );
  });

  it('finds nothing in gaps, beside the grid and behind the last image', () => {
    const shape = gridShape(5, 4 * PITCH_PX);
    expect(positionAt(shape, TILE_PX, 0)).toBeUndefined();
    expect(positionAt(shape, 0, TILE_PX + 1)).toBeUndefined();
    expect(positionAt(shape, -1, 0)).toBeUndefined();
    expect(positionAt(shape, 4 * PITCH_PX, 0)).toBeUndefined();
    expect(positionAt(shape, PITCH_PX, PITCH_PX)).toBeUndefined();
  });
});

describe('moveBy', () => {
  const shape = gridShape(10, 4 * PITCH_PX);

  it('goes to neighbours, to pages and to the ends', () => {
    expect(moveBy('ArrowRight', 3, shape, 2)).toBe(4);
    expect(moveBy('ArrowLeft', 4, shape, 2)).toBe(3);
    expect(moveBy('ArrowDown', 1, shape, 2)).toBe(5);
    expect(moveBy('ArrowUp', 5, shape, 2)).toBe(1);
    expect(moveBy('PageDown', 1, shape, 2)).toBe(9);
    expect(moveBy('PageUp', 9, shape, 2)).toBe(1);
    expect(moveBy('End', 0, shape, 2)).toBe(9);
    expect(moveBy('Home', 7, shape, 2)).toBe(0);
    expect(moveBy('x', 7, shape, 2)).toBeUndefined();
  });

  it('stays in its column: where there is no row it stays', () => {
    expect(moveBy('ArrowUp', 2, shape, 2)).toBe(2);
    expect(moveBy('ArrowDown', 7, shape, 2)).toBe(7);
  });

  it('never leaves the images, and leads nowhere without any', () => {
    const keys = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'];
    fc.assert(
      fc.property(shapes, fc.nat(), fc.constantFrom(...keys), fc.nat(20), (any, pick, key, page) => {
        if (any.count === 0) {
          expect(moveBy(key, 0, any, page)).toBeUndefined();
          return;
        }
        const next = moveBy(key, pick % any.count, any, page)!;
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThan(any.count);
      }),
    );
  });
});

describe('scrollTo', () => {
  it('moves only as far as needed to show a tile whole', () => {
    const shape = gridShape(1000, 4 * PITCH_PX);
    expect(scrollTo(shape, 40, 600, 300)).toBe(600);
    expect(scrollTo(shape, 0, 600, 300)).toBe(0);
    expect(scrollTo(shape, 400, 600, 300)).toBe(100 * PITCH_PX + TILE_PX - 300);
  });

  it('ends where the tile is seen', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.nat(),
        fc.nat(1_000_000),
        fc.integer({ min: TILE_PX, max: 1500 }),
        (shape, pick, from, height) => {
          fc.pre(shape.count > 0);
          const position = pick % shape.count;
          const top = Math.floor(position / shape.columns) * PITCH_PX;
          const to = scrollTo(shape, position, from, height);
          expect(to).toBeLessThanOrEqual(top);
          expect(to + height).toBeGreaterThanOrEqual(top + TILE_PX);
        },
      ),
    );
  });
});
