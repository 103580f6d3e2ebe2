import { describe, expect, test } from 'vitest';
import { pingPong, traversalOrder } from '../../../src/engine/animation/frame-order.ts';
import { encodeGif } from '../../../src/engine/animation/gif.ts';
import { fillPicture, type Picture } from '../../../src/engine/pictures/picture.ts';
import { enlarge } from '../../../src/engine/pictures/resize.ts';
import { figureColours, THEMES } from '../../../src/engine/pictures/theme.ts';
import { gridColumns, traversalFrames } from '../../../src/engine/animation/traversal-layout.ts';
import { decodeGif, frameColours } from '../../fixtures/decode-gif.ts';

/** A tile whose colour tells its dimension and value. */
function tile(dimension: number, value: number, channels: 1 | 3 = 3): Picture {
  return fillPicture(16, 16, channels, [100 + dimension * 10, 50 + value * 5, 30]);
}

function makeTiles(dimensions: number, values: number, channels: 1 | 3 = 3): Picture[][] {
  return Array.from({ length: dimensions }, (_, d) =>
    Array.from({ length: values }, (_, i) => tile(d, i, channels)),
  );
}

/** Where a colour stands in a frame: its columns and rows, and how many pixels. */
function find(frame: Picture, [red, green, blue]: readonly [number, number, number]) {
  const columns: number[] = [];
  const rows: number[] = [];
  for (let i = 0; i < frame.width * frame.height; i++) {
    const at = 3 * i;
    if (frame.data[at] !== red || frame.data[at + 1] !== green || frame.data[at + 2] !== blue) continue;
    columns.push(i % frame.width);
    rows.push(Math.floor(i / frame.width));
  }
  const middle = columns.reduce((sum, x) => sum + x, 0) / columns.length;
  return { count: columns.length, x: Math.min(...columns), y: Math.min(...rows), middle };
}

describe('pingPong', () => {
  test('goes forth and back without standing still', () => {
    expect(pingPong(1)).toEqual([0]);
    expect(pingPong(2)).toEqual([0, 1]);
    expect(pingPong(4)).toEqual([0, 1, 2, 3, 2, 1]);
  });
});

describe('traversalOrder', () => {
  test('has exactly as many frames as asked for, every value shown', () => {
    for (let frames = 1; frames <= 40; frames++) {
      for (const isPingPong of [false, true]) {
        const { values, order } = traversalOrder(frames, isPingPong);
        expect(order).toHaveLength(frames);
        expect(new Set(order)).toEqual(new Set(Array(values).keys()));
      }
    }
  });

  test('never jumps with ping-pong, not at the seam either', () => {
    for (let frames = 3; frames <= 40; frames++) {
      const { order } = traversalOrder(frames, true);
      const steps = order.map((value, i) => Math.abs(order[(i + 1) % frames]! - value));
      expect(Math.max(...steps)).toBe(1);
      expect(steps.filter((step) => step === 0)).toHaveLength(frames % 2);
    }
  });

  test('decodes 24 values for 24 frames, 13 with ping-pong', () => {
    expect(traversalOrder(24, false).values).toBe(24);
    expect(traversalOrder(24, true).values).toBe(13);
  });
});

describe('gridColumns', () => {
  test('leaves no hole where it need not, and is never a tower', () => {
    expect([1, 2, 3, 4, 6, 10].map((count) => gridColumns(count))).toEqual([1, 2, 3, 2, 3, 5]);
    for (let count = 1; count <= 64; count++) {
      const columns = gridColumns(count);
      expect(columns).toBeGreaterThanOrEqual(Math.floor(Math.sqrt(count)));
      expect(columns * Math.ceil(count / columns)).toBeLessThan(count * 1.35 + 1);
    }
  });
});

describe('traversalFrames', () => {
  const values = [-3, -1.5, 0, 1.5, 3];

  test('is the face alone for one dimension without labels', () => {
    const frames = [...traversalFrames({ tiles: makeTiles(1, 5), values, tileSizePx: 64 })];
    expect(frames).toEqual(makeTiles(1, 5)[0]!.map((picture) => enlarge(picture, 4)));
  });

  test.each(['grid', 'rows'] as const)('shows every dimension at the value of the frame (%s)', (layout) => {
    const tiles = makeTiles(6, 5);
    const order = [0, 3, 4, 1];
    const labels = tiles.map((_, d) => `z${d} · 0.50 nats`);
    for (const options of [{}, { labels }]) {
      const frames = [...traversalFrames({ tiles, values, order, layout, tileSizePx: 32, ...options })];
      expect(frames).toHaveLength(4);
      frames.forEach((frame, k) =>
        tiles.forEach((_, d) => {
          const colour = [100 + d * 10, 50 + order[k]! * 5, 30] as const;
          expect(find(frame, colour).count).toBe(32 * 32);
        }),
      );
    }
  });

  test('places rows below each other, and a grid beside each other too', () => {
    const tiles = makeTiles(4, 5);
    const corners = (layout: 'rows' | 'grid') => {
      const [frame] = traversalFrames({ tiles, values, layout, tileSizePx: 16 });
      return tiles.map((_, d) => find(frame!, [100 + d * 10, 50, 30]));
    };
    expect(new Set(corners('rows').map(({ x }) => x)).size).toBe(1);
    expect(new Set(corners('rows').map(({ y }) => y)).size).toBe(4);
    expect(new Set(corners('grid').map(({ x }) => x)).size).toBe(2);
    expect(new Set(corners('grid').map(({ y }) => y)).size).toBe(2);
  });

  test('moves the marker with the value, from end to end, through the middle at 0', () => {
    const frames = [...traversalFrames({ tiles: makeTiles(1, 5), values, tileSizePx: 64, labels: ['z0'] })];
    const at = frames.map((frame) => find(frame, THEMES.dark.accent).middle);
    const face = find(frames[0]!, [100, 50, 30]);
    expect(at[2]).toBeCloseTo(face.x + 31.5, 0);
    for (let i = 1; i < 5; i++) expect(at[i]! - at[i - 1]!).toBeCloseTo((at[4]! - at[0]!) / 4, 0);
    expect(at[0]! - face.x).toBeLessThan(8);
    expect(face.x + 63 - at[4]!).toBeLessThan(8);
  });

  test.each([
    [[-2, -1, 0, 1, 2], 0.5],
    [[-1, 0, 1, 2, 3], 0.25],
    [[3, 2, 1, 0, -1], 0.25],
    [[1, 2, 3, 4, 5], undefined],
  ])('marks 0 on the line of %j where it lies', (along, part) => {
    const options = { tiles: makeTiles(1, 5), values: along, tileSizePx: 64, labels: ['z0'] };
    const frames = [...traversalFrames(options)];
    const last = along[4]! > along[0]! ? frames[4]! : frames[0]!;
    const notch = find(last, THEMES.dark.ctl);
    if (part === undefined) {
      expect(notch.count).toBe(0);
      return;
    }
    const ends = frames.map((frame) => find(frame, THEMES.dark.accent).middle);
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    expect(Math.abs(notch.middle - (low + part * (high - low)))).toBeLessThanOrEqual(1);
    // Where the value is 0 the marker covers it.
    const zero = along.indexOf(0);
    expect(Math.abs(ends[zero]! - notch.middle)).toBeLessThanOrEqual(1);
  });

  test('writes labels in the figure, and nothing when they are off', () => {
    const tiles = makeTiles(2, 5);
    const [bare] = traversalFrames({ tiles, values, tileSizePx: 64 });
    const [one] = traversalFrames({ tiles, values, tileSizePx: 64, labels: ['z1', 'z2'] });
    const [other] = traversalFrames({ tiles, values, tileSizePx: 64, labels: ['z1', 'z7'] });
    expect(find(bare!, THEMES.dark.accent).count).toBe(0);
    expect(one!.height).toBeGreaterThan(bare!.height + 12);
    expect([other!.width, other!.height]).toEqual([one!.width, one!.height]);
    expect(other!.data).not.toEqual(one!.data);
  });

  test('stays grey for grey tiles, labels and all, so that its GIF is exact', async () => {
    const tiles = makeTiles(2, 5, 1);
    const frames = [...traversalFrames({ tiles, values, tileSizePx: 32, labels: ['z1', 'z2'] })];
    expect(frames[0]!.channels).toBe(1);
    const gif = decodeGif(await encodeGif({ frames, fps: 20 }));
    frames.forEach(({ data }, k) => {
      const shown = frameColours(gif, gif.frames[k]!);
      expect(shown.filter((_, i) => i % 3 === 0)).toEqual(data);
    });
  });

  test('keeps its surface flat in the GIF', async () => {
    const noisy = makeTiles(2, 5).map((row, d) =>
      row.map((picture, k) => ({
        ...picture,
        data: picture.data.map((value, i) => (value + i * (d + 3) + k * 7) & 0xff),
      })),
    );
    const options = { tiles: noisy, values, tileSizePx: 64, labels: ['z1 · 2.00 nats', 'z2'] };
    const frames = [...traversalFrames(options)];
    const gif = decodeGif(await encodeGif({ frames, fps: 20, reserved: figureColours(THEMES.dark) }));
    const [surface] = [THEMES.dark.canvas];
    frames.forEach((frame, k) => {
      const shown = frameColours(gif, gif.frames[k]!);
      expect(find({ ...frame, data: shown }, surface).count).toBeGreaterThanOrEqual(
        find(frame, surface).count,
      );
    });
  });

  test('refuses what does not fit together', () => {
    const draw = (options: object) => () => [
      ...traversalFrames({ tiles: makeTiles(2, 5), values, tileSizePx: 16, ...options }),
    ];
    expect(draw({ tiles: [] })).toThrow(RangeError);
    expect(draw({ values: [0] })).toThrow(/needs 1 images/);
    expect(draw({ labels: ['z1'] })).toThrow(/2 dimensions, but 1 labels/);
  });
});
