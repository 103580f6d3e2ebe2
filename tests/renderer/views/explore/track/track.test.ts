// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TrackState } from '../../../../../src/renderer/views/explore/track/track.svelte.ts';
import { openExplore, pixelOf, settled } from '../small-model.ts';

async function openTrack() {
  const opened = await openExplore();
  const track = new TrackState(opened.explore);
  track.room = 5;
  return { ...opened, track };
}

/** Chooses image 3 as the other end. */
async function chooseSecond({ explore }: Awaited<ReturnType<typeof openTrack>>): Promise<void> {
  explore.chooseSecond();
  explore.pin(3);
  await settled();
}

describe('the track of a traversal', () => {
  it('moves the dimension that carries most about the image’s own value', async () => {
    const { track } = await openTrack();
    expect(track.slider).toBe(1);
    expect(track.places).toEqual([-3, -1.5, 0, 1.5, 3]);
    expect(track.codes.map((z) => [...z])).toEqual([
      [1, -4, 0.5],
      [1, -2.5, 0.5],
      [1, -1, 0.5],
      [1, 0.5, 0.5],
      [1, 2, 0.5],
    ]);
    expect(track.selected).toBe(2);
  });

  it('follows the live code in the other dimensions, and stays where it is in its own', async () => {
    const { track, explore } = await openTrack();
    explore.setSlider(0, 2);
    explore.setSlider(1, 0.5);
    expect([...track.codes[0]!]).toEqual([2, -4, 0.5]);
    expect(track.selected).toBe(3);
    explore.setSlider(1, 7);
    expect(track.selected).toBeUndefined();
  });

  it('decodes its frames together, and again only when they have changed', async () => {
    const { track, explore, asked } = await openTrack();
    asked.length = 0;
    track.show();
    await settled();
    expect(track.batch.images.map(({ data }) => data[0])).toEqual(track.codes.map(pixelOf));
    expect(asked).toEqual(['models.decode']);
    // Its own dimension changes nothing on the way.
    explore.moveSlider(1, 0.75);
    track.show();
    await settled();
    expect(asked).toEqual(['models.decode', 'models.decode']);
    explore.moveSlider(0, 3);
    track.show();
    await settled();
    expect(asked).toHaveLength(4);
    expect(track.batch.images[0]!.data[0]).toBe(pixelOf(Float32Array.of(3, -4, 0.5)));
  });

  it('takes the live code to a frame; many steps are undone at once', async () => {
    const { track, explore } = await openTrack();
    track.select(3);
    track.select(4);
    expect([...explore.live.z]).toEqual([1, 2, 0.5]);
    explore.live.undo();
    expect([...explore.live.z]).toEqual([1, -1, 0.5]);
  });

  it('makes the GIF of what it shows, whatever its own dimensions were moved to', async () => {
    const { track, explore } = await openTrack();
    explore.setSlider(0, 2);
    explore.setSlider(1, 2.5);
    expect(track.recipe()).toMatchObject({ kind: 'traversal', center: [2, -1, 0.5], dimensions: [1] });
    expect(track.recipe([1, 0])).toMatchObject({ center: [1, -1, 0.5], dimensions: [1, 0] });
  });
});

describe('the track of an interpolation', () => {
  it('has no way until there is a second image', async () => {
    const opened = await openTrack();
    const { track, explore } = opened;
    explore.chooseSecond();
    expect(track.mode).toBe('interpolate');
    expect(track.isThere).toBe(false);
    expect(track.codes).toEqual([]);
    expect(track.recipe()).toBeUndefined();
    track.play();
    expect(track.isPlaying).toBe(false);
    explore.pin(3);
    await settled();
    expect(explore.pinned!.index).toBe(1);
    expect(explore.second!.index).toBe(3);
    expect(explore.isChoosingSecond).toBe(false);
    expect(track.isThere).toBe(true);
  });

  it('goes straight from the pinned image to the second', async () => {
    const opened = await openTrack();
    await chooseSecond(opened);
    const { track, explore } = opened;
    expect(track.codes.map((z) => [...z])).toEqual([
      [1, -1, 0.5],
      [1.5, -1.5, 0.5],
      [2, -2, 0.5],
      [2.5, -2.5, 0.5],
      [3, -3, 0.5],
    ]);
    track.select(2);
    expect(track.selected).toBe(2);
    expect(explore.partAlong).toBeCloseTo(0.5);
    explore.setSlider(2, 4);
    expect(track.selected).toBeUndefined();
    expect(track.recipe()).toMatchObject({ kind: 'interpolation', start: [1, -1, 0.5], end: [3, -3, 0.5] });
  });
});

describe('playing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('moves the live code through the frames and turns round at the end', async () => {
    const { track, explore } = await openTrack();
    track.change({ frames: 3, fps: 10, pingPong: true });
    track.play();
    const values: number[] = [];
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(100);
      values.push(explore.live.z[1]!);
    }
    expect(values).toEqual([2, -1, -4, -1, 2]);
  });

  it('begins anew at the end where it does not turn round', async () => {
    const { track, explore } = await openTrack();
    track.change({ frames: 3, fps: 10, pingPong: false });
    track.play();
    vi.advanceTimersByTime(200);
    expect(explore.live.z[1]).toBe(-4);
  });

  it('puts where it stopped on the undo stack, so that one undo takes it back', async () => {
    const { track, explore } = await openTrack();
    track.play();
    vi.advanceTimersByTime(500);
    track.toggle();
    expect(track.isPlaying).toBe(false);
    expect(explore.live.undoStack).toHaveLength(2);
    vi.advanceTimersByTime(500);
    explore.live.undo();
    expect([...explore.live.z]).toEqual([1, -1, 0.5]);
  });

  it('asks for one picture at a time, however fast it plays', async () => {
    const { explore, asked } = await openExplore({
      handlers: { 'models.decode': () => new Promise<never>(() => undefined) },
    });
    const track = new TrackState(explore);
    asked.length = 0;
    track.change({ fps: 50 });
    track.play();
    for (let i = 0; i < 50; i++) {
      vi.advanceTimersByTime(20);
      await settled();
    }
    expect(asked).toEqual(['models.decode']);
    track.pause();
  });

  it('stops when somebody moves the code', async () => {
    const { track, explore } = await openTrack();
    track.play();
    vi.advanceTimersByTime(200);
    explore.moveSlider(2, 1);
    vi.advanceTimersByTime(200);
    expect(track.isPlaying).toBe(false);
    expect(explore.live.z[2]).toBe(1);
  });
});
