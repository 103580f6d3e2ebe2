import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { flatWindows, gridPower } from '../../../src/engine/metrics/grid.ts';

const [count, size] = [6, 64] as const;

/** Smooth grey pictures with fine noise, and a pattern of so many pixels' period added. */
function pictures(pattern: (x: number, y: number) => number = () => 0): Float32Array {
  const random = createRandom(3, 'grid');
  return Float32Array.from({ length: count * size * size }, (_, i) => {
    const [x, y] = [i % size, Math.floor(i / size) % size];
    return 0.5 + 0.2 * Math.sin(x / 9) * Math.cos(y / 11) + 0.01 * random.normal() + pattern(x, y);
  });
}

const measured = (all: Float32Array): number => gridPower(all, flatWindows(all, count, size, 1), size, 1);

describe('the power of a grid', () => {
  it('is near 1 where there is none', () => {
    expect(measured(pictures())).toBeLessThan(1.5);
  });

  it.each([
    ['alternating columns', (x: number) => (x % 2 ? 0.005 : -0.005)],
    ['alternating rows', (_: number, y: number) => (y % 2 ? 0.005 : -0.005)],
    ['a checkerboard', (x: number, y: number) => ((x + y) % 2 ? 0.005 : -0.005)],
    ['a grid of four pixels', (x: number, y: number) => (x % 4 === 0 || y % 4 === 0 ? 0.01 : 0)],
  ])('finds %s that is weaker than the noise', (_, pattern) => {
    expect(measured(pictures(pattern))).toBeGreaterThan(4);
  });

  it('is that of colours with the same grey values', () => {
    const grey = pictures((x) => (x % 2 ? 0.005 : 0));
    const colour = Float32Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]!);
    const windows = flatWindows(grey, count, size, 1);
    expect(gridPower(colour, windows, size, 3)).toBeCloseTo(gridPower(grey, windows, size, 1), 2);
  });

  it('is measured in the flattest quarter of the data', () => {
    const half = pictures().map((value, i) => (i % size < size / 2 ? value : value + 0.4 * ((i >> 2) % 2)));
    const windows = flatWindows(half, count, size, 1);
    expect(windows.every(({ x }) => x <= size / 2 - 16)).toBe(true);
  });
});
