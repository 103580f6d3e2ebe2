import type { Bounds } from '../../../src/renderer/scene/bounds.ts';
import { CameraView } from '../../../src/renderer/scene/camera-view.ts';
import { PointCloud } from '../../../src/renderer/scene/points.ts';
import { ScreenPoints } from '../../../src/renderer/scene/screen-points.ts';

/** The bounds of a ball round the origin. */
export function ball(radius: number): Bounds {
  const half = [radius, radius, radius] as const;
  return { centre: [0, 0, 0], radius, middle: [0, 0, 0], half };
}

/** Numbers from 0 to 1, always the same for a seed. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A cloud of points in a ball of radius 2, some of them hidden, seen by a camera that was turned about. */
export function seededCloud(seed: number, count: number) {
  const next = seededNumbers(seed);
  const cloud = new PointCloud();
  cloud.setPositions(
    Float32Array.from({ length: count * 3 }, () => (next() - 0.5) * 4),
    0,
    0,
  );
  cloud.setColours(Uint8Array.from({ length: count * 4 }, (_, i) => (i % 4 === 3 && next() < 0.2 ? 0 : 255)));
  const view = new CameraView();
  view.resize(640, 480);
  view.setBounds(ball(2));
  view.fit(0, 0);
  view.orbit(next() * 600, next() * 200);
  view.pan(next() * 60, next() * 60);
  view.zoom(0.4 + next(), next() * 640, next() * 480);
  const screen = new ScreenPoints();
  screen.update(cloud, view);
  return { cloud, view, screen, next };
}
