import fc from 'fast-check';
import { Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { boundsOf } from '../../../src/renderer/scene/bounds.ts';
import { CameraView } from '../../../src/renderer/scene/camera-view.ts';
import { ball, seededCloud } from './seeded.ts';

const seeds = fc.integer({ min: 1, max: 1e6 });
const part = fc.double({ min: 0, max: 1, noNaN: true });

describe('the camera', () => {
  it('finds the place under a pixel, and that pixel from the place, on the plane through any point in sight', () => {
    fc.assert(
      fc.property(seeds, part, part, (seed, across, down) => {
        const { view } = seededCloud(seed, 1);
        const through = new Vector3(across - 0.5, 0.2, down - 0.5);
        fc.pre(view.project(through.x, through.y, through.z, new Vector3()).z > view.nearest);
        const place = view.placeAt(across * 640, down * 480, through, new Vector3());
        const pixel = view.project(place.x, place.y, place.z, new Vector3());
        expect(pixel.x).toBeCloseTo(across * 640, 4);
        expect(pixel.y).toBeCloseTo(down * 480, 4);
        // As far from the camera as what it goes through.
        expect(pixel.z).toBeCloseTo(view.project(through.x, through.y, through.z, new Vector3()).z, 6);
      }),
    );
  });

  it('agrees with three.js about where a place is', () => {
    const { view } = seededCloud(3, 1);
    const ours = view.project(0.3, -0.2, 0.5, new Vector3());
    const theirs = new Vector3(0.3, -0.2, 0.5).project(view.camera);
    expect(ours.x).toBeCloseTo(((theirs.x + 1) / 2) * 640, 6);
    expect(ours.y).toBeCloseTo(((1 - theirs.y) / 2) * 480, 6);
  });

  it('keeps what is under the pointer there while it zooms and while it pans', () => {
    fc.assert(
      fc.property(seeds, part, part, (seed, across, down) => {
        const { view } = seededCloud(seed, 1);
        const [x, y] = [across * 640, down * 480];
        const place = view.placeAt(x, y, view.pose.target, new Vector3());
        view.zoom(0.7, x, y);
        view.pan(15, -8);
        const pixel = view.project(place.x, place.y, place.z, new Vector3());
        expect(pixel.x).toBeCloseTo(x + 15, 3);
        expect(pixel.y).toBeCloseTo(y - 8, 3);
      }),
    );
  });

  it('shows a sphere of its radius whole from home, in any window', () => {
    for (const [width, height] of [
      [640, 480],
      [300, 900],
    ] as const) {
      const view = new CameraView();
      view.resize(width, height);
      view.setBounds(ball(3));
      view.fit(0, 0);
      for (const [right, up] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        const at = new Vector3().addScaledVector(view.right, right * 3).addScaledVector(view.up, up * 3);
        const pixel = view.project(at.x, at.y, at.z, at);
        expect(pixel.x).toBeGreaterThanOrEqual(0);
        expect(pixel.x).toBeLessThanOrEqual(width);
        expect(pixel.y).toBeGreaterThanOrEqual(0);
        expect(pixel.y).toBeLessThanOrEqual(height);
      }
    }
  });

  it('goes home in its time, by the shorter way round, and a hand on it ends the movement', () => {
    const view = new CameraView();
    view.resize(640, 480);
    view.setBounds(ball(1));
    view.fit(0, 0);
    const home = { ...view.pose, target: view.pose.target.clone() };
    // Four and a half turns, and nearer.
    view.orbit(480 * 9, 0);
    view.zoom(0.5, 320, 240);
    view.fit(320, 1000);
    expect(view.isMoving).toBe(true);
    view.advance(1160);
    expect(Math.abs(view.pose.azimuth - home.azimuth) % (2 * Math.PI)).toBeGreaterThan(0);
    expect(view.advance(1320)).toBe(false);
    expect(view.pose.distance).toBeCloseTo(home.distance, 6);
    expect(Math.sin(view.pose.azimuth)).toBeCloseTo(Math.sin(home.azimuth), 6);
    view.orbit(50, 0);
    view.fit(320, 2000);
    view.advance(2100);
    view.orbit(1, 0);
    expect(view.isMoving).toBe(false);
  });

  it('knows whether somebody looks elsewhere', () => {
    const view = new CameraView();
    view.resize(640, 480);
    expect(view.isFitted).toBe(true);
    view.orbit(10, 0);
    expect(view.isFitted).toBe(false);
    view.fit(0, 0);
    expect(view.isFitted).toBe(true);
    view.lookAt(new Vector3(1, 0, 0), 0, 0);
    expect(view.isFitted).toBe(false);
  });

  it('never tips over the pole', () => {
    const view = new CameraView();
    view.resize(640, 480);
    view.orbit(0, -5000);
    expect(view.pose.polar).toBeGreaterThan(0);
    expect(view.pose.polar).toBeLessThan(Math.PI);
    view.orbit(0, 10_000);
    expect(view.pose.polar).toBeGreaterThan(0);
  });
});

describe('a flat view', () => {
  /** Wider than high, and not about the origin. */
  const bounds = {
    centre: [1, 2, 3],
    radius: 3,
    middle: [1.5, 2, 3],
    half: [3, 0.5, 1],
  } as const;
  function flatView(width = 640, height = 480): CameraView {
    const view = new CameraView();
    view.resize(width, height);
    view.setBounds(bounds);
    view.setFlat(true, 0, 0);
    return view;
  }

  it('has the first axis to the right, the second upwards, and does not see the third', () => {
    const view = flatView();
    const at = (x: number, y: number, z: number) => view.project(x, y, z, new Vector3());
    const [one, right, up, near] = [at(0, 0, 0), at(1, 0, 0), at(0, 1, 0), at(0, 0, 50)];
    expect(right.x - one.x).toBeGreaterThan(10);
    expect(right.y).toBeCloseTo(one.y, 9);
    expect(one.y - up.y).toBeCloseTo(right.x - one.x, 9);
    expect(up.x).toBeCloseTo(one.x, 9);
    expect([near.x, near.y]).toEqual([one.x, one.y]);
    expect(near.z).toBe(one.z);
  });

  it('agrees with three.js about where a place is', () => {
    const view = flatView();
    view.zoom(0.6, 100, 100);
    expect(view.camera).toHaveProperty('isOrthographicCamera', true);
    const ours = view.project(0.3, -0.2, 0, new Vector3());
    const theirs = new Vector3(0.3, -0.2, 0).project(view.camera);
    expect(ours.x).toBeCloseTo(((theirs.x + 1) / 2) * 640, 6);
    expect(ours.y).toBeCloseTo(((1 - theirs.y) / 2) * 480, 6);
  });

  it('fits the rectangle of the points into any window, and fills the narrower side', () => {
    for (const [width, height] of [
      [640, 480],
      [300, 900],
      [2000, 100],
    ] as const) {
      const view = flatView(width, height);
      const low = view.project(-1.5, 1.5, 0, new Vector3());
      const high = view.project(4.5, 2.5, 0, new Vector3());
      expect(low.x + high.x).toBeCloseTo(width, 6);
      expect(low.y + high.y).toBeCloseTo(height, 6);
      const filled = Math.max((high.x - low.x) / width, (low.y - high.y) / height);
      expect(filled).toBeGreaterThan(0.8);
      expect(filled).toBeLessThan(1);
    }
  });

  it('shows points that all lie in one place', () => {
    const view = new CameraView();
    view.resize(640, 480);
    view.setBounds(boundsOf(new Float32Array(30)));
    view.setFlat(true, 0, 0);
    const { x, y } = view.project(0, 0, 0, new Vector3());
    expect([x, y]).toEqual([320, 240]);
  });

  it('keeps what is under the pointer there, finds places on the plane of any third value, and does not turn', () => {
    const view = flatView();
    const through = new Vector3(0, 0, 7);
    const place = view.placeAt(123, 45, through, new Vector3());
    expect(place.z).toBe(7);
    view.zoom(0.4, 123, 45);
    view.pan(10, -20);
    view.orbit(200, 100);
    const pixel = view.project(place.x, place.y, place.z, new Vector3());
    expect(pixel.x).toBeCloseTo(133, 4);
    expect(pixel.y).toBeCloseTo(25, 4);
    expect(view.isFitted).toBe(false);
  });

  it('is reached without a jump: what is in the middle keeps its size on the way', () => {
    const view = new CameraView();
    view.resize(640, 480);
    view.setBounds(ball(2));
    view.fit(0, 0);
    view.setFlat(true, 320, 0);
    let before = 0;
    for (let ms = 0; ms <= 320; ms += 4) {
      view.advance(ms);
      const scale = view.focalPx / view.depth;
      const at = view.project(0, 0, 0, new Vector3());
      expect(at.x).toBeCloseTo(320, 2);
      // Seen whole from home, a ball is a little further away than its rectangle.
      if (ms > 0) expect(scale / before).toBeGreaterThan(0.95);
      if (ms > 0) expect(scale / before).toBeLessThan(1.05);
      before = scale;
    }
    expect(view.isOrthographic).toBe(true);
  });

  it.each([true, false])('is never half flat after a hand has ended the movement (flat: %s)', (isFlat) => {
    const view = new CameraView();
    view.resize(640, 480);
    if (!isFlat) view.setFlat(true, 0, 0);
    view.setFlat(isFlat, 320, 0);
    view.advance(20);
    expect(view.isOrthographic).toBe(false);
    view.pan(3, 0);
    expect(view.isMoving).toBe(false);
    expect(view.isOrthographic).toBe(isFlat);
    expect(view.pose.perspective).toBe(isFlat ? 0 : 1);
  });
});

describe('the bounds of points', () => {
  it('leave out a few outliers, and are about the points, not the origin', () => {
    const positions = new Float32Array(3 * 1000);
    for (let i = 0; i < 1000; i++) positions.set([100 + (i % 100) / 100, 5 - (i % 10) / 10, 0], i * 3);
    positions.set([1e6, -1e6, 1e6], 0);
    const { middle, half } = boundsOf(positions);
    expect(middle[0]).toBeCloseTo(100.5, 1);
    expect(half[0]).toBeCloseTo(0.5, 1);
    expect(half[1]).toBeCloseTo(0.45, 1);
    expect(half[2]).toBe(0);
  });

  it('are those of all points where they are few', () => {
    const { centre, radius, middle, half } = boundsOf(Float32Array.of(-1, 0, 0, 0, 0, 0, 1, 3, 0));
    expect(centre[1]).toBeCloseTo(1, 6);
    expect(radius).toBeCloseTo(Math.hypot(1, 2), 6);
    expect(middle).toEqual([0, 1.5, 0]);
    expect(half).toEqual([1, 1.5, 0]);
  });
});
