import fc from 'fast-check';
import { Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
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
