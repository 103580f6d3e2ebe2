// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScatterScene, type SceneListeners } from '../../../src/renderer/scene/scatter-scene.ts';
import { PALETTES } from '../../../src/renderer/theme/tokens.ts';
import { fakeCanvases, type Calls } from './fake-canvas.ts';

let webgl: Calls;
let painter: Calls;
let frames: FrameRequestCallback[];

beforeEach(() => {
  ({ webgl, painter } = fakeCanvases());
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
  vi.stubGlobal('cancelAnimationFrame', (id: number) => (frames[id - 1] = () => undefined));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Lets so many frames pass; returns how many were asked for. */
function passFrames(atMs = performance.now()): number {
  const due = frames.splice(0);
  for (const frame of due) frame(atMs);
  return due.length;
}

/** Three points in a row through the middle, seen from the front. */
function makeScene(listeners: SceneListeners = {}) {
  const canvas = document.createElement('canvas');
  const overlay = document.createElement('canvas');
  const scene = new ScatterScene({ canvas, overlay, palette: PALETTES.dark, listeners });
  scene.setSize(400, 400, 1);
  scene.setPositions(Float32Array.of(-1, 0, 0, 0, 0, 0, 1, 0, 0));
  passFrames();
  webgl.length = painter.length = 0;
  return { scene, canvas };
}

function pointer(type: string, x: number, y: number, more: Record<string, unknown> = {}): Event {
  const event = new Event(type, { bubbles: true, cancelable: true });
  return Object.assign(event, {
    offsetX: x,
    offsetY: y,
    pointerId: 1,
    pointerType: 'mouse',
    button: 0,
    ...more,
  });
}

function click(canvas: HTMLCanvasElement, x: number, y: number): void {
  canvas.dispatchEvent(pointer('pointerdown', x, y));
  canvas.dispatchEvent(pointer('pointerup', x, y));
}

describe('the scene', () => {
  it('draws when something has changed, and then rests', () => {
    const { scene } = makeScene();
    expect(passFrames()).toBe(0);
    scene.setColours(new Uint8Array(12).fill(200));
    scene.setAxes(['x', 'y', 'z']);
    expect(passFrames()).toBe(1);
    expect(webgl).toContain('drawArrays');
    expect(painter).toContain('fillText');
    expect(passFrames()).toBe(0);
    scene.dispose();
  });

  it('draws the points again on a canvas of another size, which is empty', () => {
    const { scene } = makeScene();
    scene.setSize(500, 300, 1);
    expect(webgl).toContain('drawArrays');
    scene.dispose();
  });

  it('looks at no place before it has a size, and at one outside of the picture then', () => {
    const canvas = document.createElement('canvas');
    const overlay = document.createElement('canvas');
    const scene = new ScatterScene({ canvas, overlay, palette: PALETTES.dark });
    scene.setPositions(Float32Array.of(-1, 0, 0, 0, 0, 0, 1, 0, 0));
    scene.reveal([0.5, 0, 0], 0);
    expect(scene.view.isFitted).toBe(true);
    scene.setSize(400, 400, 1);
    scene.reveal([9, 0, 0], 0);
    expect(scene.view.isFitted).toBe(false);
    scene.dispose();
  });

  it('leaves the points alone where only the path has changed', () => {
    const { scene } = makeScene();
    scene.setPath({
      places: Float32Array.of(0, 0, 0, 0.5, 0.5, 0),
      pinned: { name: 'a.jpg', colour: '#fff' },
      isMoved: true,
      covariance: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      second: undefined,
    });
    expect(passFrames()).toBe(1);
    expect(webgl).not.toContain('drawArrays');
    expect(painter).toContain('ellipse');
    expect(painter).toContain('lineTo');
    scene.dispose();
  });

  it('goes on drawing while points glide, and stops when they have arrived', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { scene } = makeScene();
    scene.setPositions(Float32Array.of(-1, 1, 0, 0, 1, 0, 1, 1, 0), { animateMs: 320 });
    const start = performance.now();
    expect(passFrames(start + 100)).toBe(1);
    expect(passFrames(start + 200)).toBe(1);
    expect(passFrames(start + 900)).toBe(1);
    passFrames(start + 1000);
    expect(passFrames(start + 1100)).toBe(0);
    scene.dispose();
  });

  it('shows all points of each epoch until somebody has moved the camera, and then leaves it alone', () => {
    const { scene } = makeScene();
    const { distance } = scene.view.pose;
    scene.setPositions(Float32Array.of(-2, 0, 0, 0, 0, 0, 2, 0, 0));
    expect(scene.view.pose.distance).toBeCloseTo(2 * distance, 6);
    scene.controls.turn(1, 0);
    scene.setPositions(Float32Array.of(-4, 0, 0, 0, 0, 0, 4, 0, 0));
    expect(scene.view.pose.distance).toBeCloseTo(2 * distance, 6);
    scene.dispose();
  });

  it('tells which point is under the pointer, once a frame, and when it has left', () => {
    const onHover = vi.fn();
    const { scene, canvas } = makeScene({ onHover });
    const middle = scene.pixelOf(1)!;
    canvas.dispatchEvent(pointer('pointermove', 5, 5));
    canvas.dispatchEvent(pointer('pointermove', middle.x + 3, middle.y));
    expect(onHover).not.toHaveBeenCalled();
    passFrames();
    expect(onHover.mock.calls).toEqual([[1]]);
    canvas.dispatchEvent(pointer('pointerleave', 0, 0));
    passFrames();
    expect(onHover).toHaveBeenLastCalledWith(undefined);
    scene.dispose();
  });

  it('picks a clicked point, and between the points the place on the plane of the live code', () => {
    const onPick = vi.fn();
    const onPlace = vi.fn<(place: [number, number, number]) => void>();
    const { scene, canvas } = makeScene({ onPick, onPlace });
    const point = scene.pixelOf(2)!;
    click(canvas, point.x, point.y);
    expect(onPick).toHaveBeenCalledWith(2);
    scene.setPath({
      places: Float32Array.of(0.2, 0.1, 0.3),
      pinned: undefined,
      isMoved: false,
      covariance: undefined,
      second: undefined,
    });
    const live = scene.livePixel!;
    click(canvas, live.x, live.y + 60);
    const [[place]] = onPlace.mock.calls as [[[number, number, number]]];
    expect(onPick).toHaveBeenCalledTimes(1);
    // The same depth, straight below.
    const up = scene.view.up;
    const moved = [place[0] - 0.2, place[1] - 0.1, place[2] - 0.3];
    const along = moved[0]! * up.x + moved[1]! * up.y + moved[2]! * up.z;
    expect(along).toBeLessThan(0);
    expect(Math.hypot(...moved)).toBeCloseTo(-along, 5);
    scene.dispose();
  });

  it('takes a drag for a turn of the camera, not for a click', () => {
    const onPick = vi.fn();
    const onPlace = vi.fn();
    const { scene, canvas } = makeScene({ onPick, onPlace });
    const { azimuth } = scene.view.pose;
    canvas.dispatchEvent(pointer('pointerdown', 200, 200));
    canvas.dispatchEvent(pointer('pointermove', 230, 200));
    canvas.dispatchEvent(pointer('pointerup', 230, 200));
    expect(scene.view.pose.azimuth).not.toBe(azimuth);
    expect(onPick).not.toHaveBeenCalled();
    expect(onPlace).not.toHaveBeenCalled();
    scene.dispose();
  });

  it('shifts with the other button, and zooms with two fingers', () => {
    const { scene, canvas } = makeScene();
    const before = scene.view.pose.target.clone();
    canvas.dispatchEvent(pointer('pointerdown', 200, 200, { button: 2 }));
    canvas.dispatchEvent(pointer('pointermove', 240, 200, { button: -1 }));
    canvas.dispatchEvent(pointer('pointerup', 240, 200, { button: 2 }));
    expect(scene.view.pose.target.distanceTo(before)).toBeGreaterThan(0);
    const { distance } = scene.view.pose;
    const finger = (id: number) => ({ pointerId: id, pointerType: 'touch' });
    canvas.dispatchEvent(pointer('pointerdown', 180, 200, finger(1)));
    canvas.dispatchEvent(pointer('pointerdown', 220, 200, finger(2)));
    canvas.dispatchEvent(pointer('pointermove', 300, 200, finger(2)));
    expect(scene.view.pose.distance).toBeLessThan(distance);
    scene.dispose();
  });

  it('shifts a flat picture by any drag and by keys, and never turns it', () => {
    const { scene, canvas } = makeScene();
    scene.setFlat(true, 0);
    passFrames();
    const before = scene.pixelOf(1)!;
    canvas.dispatchEvent(pointer('pointerdown', 200, 200));
    canvas.dispatchEvent(pointer('pointermove', 230, 190));
    canvas.dispatchEvent(pointer('pointerup', 230, 190));
    const dragged = scene.pixelOf(1)!;
    expect(dragged.x).toBeCloseTo(before.x + 30, 4);
    expect(dragged.y).toBeCloseTo(before.y - 10, 4);
    scene.controls.turn(1, 0);
    // What lies to the right comes into the picture.
    expect(scene.pixelOf(1)!.x).toBeLessThan(dragged.x);
    expect(scene.pixelOf(1)!.y).toBeCloseTo(dragged.y, 4);
    expect(scene.view.pose.azimuth).toBe(0);
    scene.dispose();
  });

  it('picks, hovers and places in a flat picture, where the third axis stays as it is', () => {
    const onPick = vi.fn();
    const onPlace = vi.fn<(place: [number, number, number]) => void>();
    const { scene, canvas } = makeScene({ onPick, onPlace });
    // Two in one place of the plane, one far before the other, and a third beside them.
    scene.setPositions(Float32Array.of(-1, 0, 0, 1, 0, 90, 1.01, 0, -90));
    scene.setFlat(true, 0);
    passFrames();
    const at = scene.pixelOf(2)!;
    click(canvas, at.x, at.y);
    expect(onPick).toHaveBeenCalledWith(2);
    scene.setPath({
      places: Float32Array.of(0.2, 0.1, 42),
      pinned: undefined,
      isMoved: false,
      covariance: undefined,
      second: undefined,
    });
    const live = scene.livePixel!;
    click(canvas, live.x + 40, live.y);
    const [[place]] = onPlace.mock.calls as [[[number, number, number]]];
    expect(place[0]).toBeGreaterThan(0.2);
    expect(place[1]).toBeCloseTo(0.1, 6);
    expect(place[2]).toBe(42);
    scene.dispose();
  });

  it('fits the points when it becomes flat and when it is asked to', () => {
    const { scene } = makeScene();
    const isInside = (): boolean =>
      [0, 1, 2].every((point) => {
        const { x, y } = scene.pixelOf(point)!;
        return x > 0 && x < 400 && y > 0 && y < 400;
      });
    scene.controls.zoomStep(true);
    scene.view.pan(4000, 0);
    expect(isInside()).toBe(false);
    scene.setFlat(true, 0);
    expect(isInside()).toBe(true);
    scene.view.pan(4000, 0);
    scene.fit(0);
    expect(isInside()).toBe(true);
    expect(scene.view.isFlat).toBe(true);
    scene.dispose();
  });

  it('draws the flat picture without depth, and names the two axes that it shows', () => {
    const { scene } = makeScene();
    scene.setAxes(['PC 1', 'PC 2']);
    scene.setFlat(true, 0);
    expect(passFrames()).toBe(1);
    expect(webgl).toContain('drawArrays');
    expect(painter.filter((call) => call === 'fillText')).toHaveLength(2);
    scene.dispose();
  });

  it('hears a double click once, after its first click', () => {
    const onPlace = vi.fn();
    const onDoubleClick = vi.fn();
    const { scene, canvas } = makeScene({ onPlace, onDoubleClick });
    click(canvas, 20, 20);
    click(canvas, 20, 20);
    expect(onPlace).toHaveBeenCalledTimes(1);
    expect(onDoubleClick).toHaveBeenCalledTimes(1);
    scene.dispose();
  });

  it('does not pick what is filtered out', () => {
    const { scene } = makeScene();
    const at = scene.pixelOf(1)!;
    expect(scene.pick(at.x, at.y)).toBe(1);
    scene.setColours(Uint8Array.from({ length: 12 }, (_, i) => (i === 7 ? 0 : 255)));
    expect(scene.pick(at.x, at.y)).toBeUndefined();
    expect(scene.neighbour(0, 1, 0)).toBe(2);
    scene.dispose();
  });

  it('asks for the images of the faces that it shows, when the camera has come to rest', () => {
    vi.useFakeTimers();
    const onMissingThumbnails = vi.fn();
    const { scene } = makeScene({ onMissingThumbnails });
    scene.showFaces(true);
    passFrames();
    expect(onMissingThumbnails).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    passFrames();
    expect(onMissingThumbnails).toHaveBeenCalledTimes(1);
    expect((onMissingThumbnails.mock.calls[0]![0] as number[]).toSorted()).toEqual([0, 1, 2]);
    passFrames();
    expect(onMissingThumbnails).toHaveBeenCalledTimes(1);
    scene.dispose();
  });

  it('waits while the graphics context is lost, and draws when it is back', () => {
    const { scene, canvas } = makeScene();
    const lost = new Event('webglcontextlost', { cancelable: true });
    canvas.dispatchEvent(lost);
    expect(lost.defaultPrevented).toBe(true);
    scene.setAxes(['x', 'y', 'z']);
    passFrames();
    expect(webgl).not.toContain('drawArrays');
    canvas.dispatchEvent(new Event('webglcontextrestored'));
    passFrames();
    expect(webgl).toContain('drawArrays');
    scene.dispose();
  });

  it('frees everything once, and is silent afterwards', () => {
    const onHover = vi.fn();
    const { scene, canvas } = makeScene({ onHover });
    scene.setAxes(['x', 'y', 'z']);
    passFrames();
    scene.dispose();
    const freed = webgl.filter((call) => call === 'deleteBuffer').length;
    expect(freed).toBeGreaterThan(0);
    scene.dispose();
    expect(webgl.filter((call) => call === 'deleteBuffer')).toHaveLength(freed);
    painter.length = 0;
    canvas.dispatchEvent(pointer('pointermove', 200, 200));
    scene.setAxes(['a', 'b', 'c']);
    scene.setSize(100, 100, 1);
    passFrames();
    expect(onHover).not.toHaveBeenCalled();
    expect(painter).toHaveLength(0);
  });

  it('says so where there is no WebGL', () => {
    HTMLCanvasElement.prototype.getContext = ((kind: string) => (kind === '2d' ? {} : null)) as never;
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    expect(
      () =>
        new ScatterScene({
          canvas: document.createElement('canvas'),
          overlay: document.createElement('canvas'),
          palette: PALETTES.dark,
        }),
    ).toThrow();
  });
});
