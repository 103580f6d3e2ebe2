import { describe, expect, it } from 'vitest';
import { placesIn, swing } from '../../bench/app/ways.ts';
import { figureTable } from '../../bench/report.ts';

describe('the places that are clicked', () => {
  const box = { x: 64, y: 44, width: 640, height: 612 };
  const generator = placesIn(box);
  const places = Array.from({ length: 60 }, () => generator.next().value);

  it('lie about the middle, on all sides', () => {
    const sides = new Set(
      places.map(({ x, y }) => `${x < box.x + box.width / 2} ${y < box.y + box.height / 2}`),
    );
    expect(sides.size).toBe(4);
    for (const { x, y } of places) {
      expect(Math.abs(x - box.x - box.width / 2)).toBeLessThan(box.width * 0.31);
      expect(Math.abs(y - box.y - box.height / 2)).toBeLessThan(box.height * 0.31);
    }
  });

  it('are never where the last click was', () => {
    const apart = places.slice(1).map(({ x, y }, i) => Math.hypot(x - places[i]!.x, y - places[i]!.y));
    expect(Math.min(...apart)).toBeGreaterThan(30);
  });
});

describe('a hand on a slider', () => {
  it('goes from one end to the other and back, slowing down at both', () => {
    const way = [0, 0.01, 0.25, 0.5, 0.75, 1].map((part) => swing(10, 20, part));
    expect(way[0]).toBe(10);
    expect(way[1]! - way[0]!).toBeLessThan(0.02);
    expect(way.slice(2).map((at) => Math.round(at * 1e6) / 1e6)).toEqual([15, 20, 15, 10]);
  });
});

describe('the table', () => {
  it('shows times of the app in its own units', () => {
    const text = figureTable([
      { benchmark: 'app', what: 'first launch', value: 1.714, unit: 's', goal: { is: 'at most', value: 3 } },
      { benchmark: 'app', what: 'slider', value: 41.26, unit: '/s', goal: { is: 'at least', value: 30 } },
      { benchmark: 'app', what: 'orbit', value: 2, unit: 'tasks', goal: { is: 'at most', value: 0 } },
    ]);
    expect(text).toMatch(/1\.71 s +≤ 3 s +met/);
    expect(text).toMatch(/41\.3\/s +≥ 30\/s +met/);
    expect(text).toMatch(/2 tasks +≤ 0 tasks +missed/);
  });
});
