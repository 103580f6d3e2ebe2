import { describe, expect, it } from 'vitest';
import { gridImages, gridValues, knownGrid } from '../../../../src/engine/importing/arrays/known-sets.ts';

const images = { images: 1_036_800, width: 64, height: 64, channels: 3 } as const;

describe('the grid of MPI3D', () => {
  it('is recognised by its exact number of images, and a part of it is not', () => {
    expect(knownGrid(images, 1)?.title).toBe('MPI3D');
    expect(knownGrid({ ...images, images: 460_800 }, 1)?.factors[1]?.categories).toContain('croissant');
    expect(knownGrid({ ...images, images: 1_036_799 }, 1)).toBeUndefined();
    expect(knownGrid({ ...images, width: 32 }, 1)).toBeUndefined();
    expect(knownGrid(images, 2)).toBeUndefined();
  });

  it('is not that of Cars3D, whose images are of two sizes', () => {
    const cars = knownGrid({ ...images, images: 17_568 }, 1);
    expect(cars?.factors.map(({ name, size }) => [name, size])).toEqual([
      ['elevation', 4],
      ['azimuth', 24],
      ['object', 183],
    ]);
    expect(knownGrid({ ...images, images: 17_568, width: 128, height: 128 }, 1)?.title).toBe('Cars3D');
    expect(knownGrid({ ...images, images: 17_568, width: 32, height: 32 }, 1)).toBeUndefined();
    // The second azimuth of disentanglement_lib's first elevation.
    expect(cars?.factors.map((_, factor) => gridValues(cars, factor)[183 + 100])).toEqual([0, 1, 100]);
  });

  it('gives each image the factors of its position, the last varying fastest', () => {
    const grid = knownGrid(images, 1)!;
    expect(gridImages(grid)).toBe(1_036_800);
    expect(grid.factors.map(({ name }) => name)).toEqual([
      'object_color',
      'object_shape',
      'object_size',
      'camera_height',
      'background_color',
      'horizontal_axis',
      'vertical_axis',
    ]);
    // NumPy: numpy.unravel_index(777_777, (6, 6, 2, 3, 3, 40, 40))
    const at = grid.factors.map((_, factor) => gridValues(grid, factor)[777_777]);
    const sizes = [6, 6, 2, 3, 3, 40, 40];
    expect(at.reduce((place, value, axis) => place! * sizes[axis]! + value!, 0)).toBe(777_777);
    expect(at).toEqual([4, 3, 0, 0, 0, 4, 17]);
  });
});
