import { NoBlending, NormalBlending } from 'three';
import { describe, expect, it } from 'vitest';
import { ease } from '../../../src/renderer/scene/easing.ts';
import { PointCloud } from '../../../src/renderer/scene/points.ts';

describe('easing', () => {
  it('begins at 0, ends at 1 and only rises, fast first', () => {
    expect(ease(0)).toBe(0);
    expect(ease(1)).toBe(1);
    let before = 0;
    for (let t = 0.02; t < 1; t += 0.02) {
      expect(ease(t)).toBeGreaterThan(before);
      before = ease(t);
    }
    expect(ease(0.3)).toBeGreaterThan(0.6);
  });

  it('is the curve of the style sheets', () => {
    // cubic-bezier(.2, 0, 0, 1) at s = 1/2: x = 0.6/8 + 1/8, y = 3/8 + 1/8.
    expect(ease(0.2)).toBeCloseTo(0.5, 5);
  });
});

describe('the points', () => {
  it('glide to new places and arrive there exactly', () => {
    const cloud = new PointCloud();
    cloud.setPositions(Float32Array.of(0, 0, 0, 1, 1, 1), 0, 0);
    cloud.setPositions(Float32Array.of(2, 0, 0, 1, 3, 1), 320, 1000);
    expect([...cloud.positions]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(cloud.advance(1064)).toBe(true);
    expect(cloud.positions[0]).toBeCloseTo(1, 4);
    expect(cloud.positions[4]).toBeCloseTo(2, 4);
    expect(cloud.advance(1320)).toBe(false);
    expect([...cloud.positions]).toEqual([2, 0, 0, 1, 3, 1]);
    expect(cloud.advance(1400)).toBe(false);
  });

  it('start a new movement from where they are', () => {
    const cloud = new PointCloud();
    cloud.setPositions(Float32Array.of(0, 0, 0), 0, 0);
    cloud.setPositions(Float32Array.of(1, 0, 0), 100, 0);
    cloud.advance(20);
    const [halfway] = cloud.positions;
    cloud.setPositions(Float32Array.of(0, 0, 0), 100, 20);
    cloud.advance(20);
    expect(cloud.positions[0]).toBeCloseTo(halfway!, 6);
    cloud.advance(120);
    expect(cloud.positions[0]).toBe(0);
  });

  it('of another number take their places at once, all visible until they are coloured', () => {
    const cloud = new PointCloud();
    cloud.setPositions(Float32Array.of(0, 0, 0), 0, 0);
    cloud.setPositions(new Float32Array(9).fill(2), 320, 0);
    expect(cloud.count).toBe(3);
    expect([...cloud.positions]).toEqual(new Array(9).fill(2));
    expect([...cloud.colours]).toEqual(new Array(12).fill(255));
  });

  it('keep their own copy of places and colours, and refuse colours of others', () => {
    const cloud = new PointCloud();
    const positions = Float32Array.of(1, 2, 3);
    cloud.setPositions(positions, 0, 0);
    positions[0] = 9;
    expect(cloud.positions[0]).toBe(1);
    expect(() => cloud.setColours(new Uint8Array(8))).toThrow('1 points do not take 2 colours');
  });

  it('leave out soft edges where they are too many for them to be seen', () => {
    const cloud = new PointCloud();
    cloud.setPositions(new Float32Array(3 * 100), 0, 0);
    expect(cloud.object.material.blending).toBe(NormalBlending);
    cloud.setPositions(new Float32Array(3 * 60_000), 0, 0);
    expect(cloud.object.material.blending).toBe(NoBlending);
    // Still after the lines behind the points, which are drawn with those that blend.
    expect(cloud.object.material.transparent).toBe(true);
    expect(cloud.object.material.defines).toHaveProperty('CROWDED');
    cloud.setPositions(new Float32Array(3 * 100), 0, 0);
    expect(cloud.object.material.defines).not.toHaveProperty('CROWDED');
  });
});
