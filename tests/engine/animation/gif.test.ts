import { beforeAll, describe, expect, test } from 'vitest';
import { encodeGif, frameDelays } from '../../../src/engine/animation/gif.ts';
import { choosePalette } from '../../../src/engine/animation/palette.ts';
import { oklabToBytes, writeOklab } from '../../../src/engine/animation/oklab.ts';
import { fillPicture, fillRectangle, paste, type Picture } from '../../../src/engine/pictures/picture.ts';
import { enlarge } from '../../../src/engine/pictures/resize.ts';
import { decodeGif, frameColours, type DecodedGif } from '../../fixtures/decode-gif.ts';
import { hasFaces, mixPictures, readFaces } from '../../fixtures/faces.ts';

/** Colours by a formula, many of them, smooth. */
function rainbow(width: number, height: number, phase: number): Picture {
  const picture = fillPicture(width, height, 3, [0, 0, 0]);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    const wave = (shift: number) => 127.5 + 127.5 * Math.sin(6 * x + 4 * y * shift + phase + shift);
    picture.data.set([wave(0), wave(1), wave(2)].map(Math.round), 3 * i);
  }
  return picture;
}

/** Distances in OKLab, × 100, between frames and what they were made from: of pixels, and of 4×4 pixels' means. */
function errors(gif: DecodedGif, frames: readonly Picture[]): { mean: number; worst: number; areas: number } {
  const lab = new Float32Array(6);
  let [sum, worst, count, areaSum] = [0, 0, 0, 0];
  frames.forEach((frame, k) => {
    const shown = frameColours(gif, gif.frames[k]!);
    const areas = new Float64Array((frame.width / 4) * (frame.height / 4) * 3);
    for (let i = 0; i < shown.length; i += 3) {
      writeOklab(lab, 0, frame.data[i]!, frame.data[i + 1]!, frame.data[i + 2]!);
      writeOklab(lab, 3, shown[i]!, shown[i + 1]!, shown[i + 2]!);
      const apart = [lab[0]! - lab[3]!, lab[1]! - lab[4]!, lab[2]! - lab[5]!];
      const distance = 100 * Math.hypot(...apart);
      sum += distance;
      worst = Math.max(worst, distance);
      count += 1;
      const [x, y] = [(i / 3) % frame.width, Math.floor(i / 3 / frame.width)];
      const area = ((y >> 2) * (frame.width / 4) + (x >> 2)) * 3;
      apart.forEach((value, c) => (areas[area + c]! += value / 16));
    }
    for (let i = 0; i < areas.length; i += 3) areaSum += 100 * Math.hypot(...areas.subarray(i, i + 3));
  });
  return { mean: sum / count, worst, areas: areaSum / (count / 16) };
}

describe('frameDelays', () => {
  test.each([
    [20, 24, new Array<number>(24).fill(5)],
    [50, 3, [2, 2, 2]],
    [30, 6, [3, 4, 3, 3, 4, 3]],
    [24, 6, [4, 4, 5, 4, 4, 4]],
    [0.5, 2, [200, 200]],
  ])('stands %d frames a second for hundredths that add up', (fps, frames, delays) => {
    expect(frameDelays(frames, { fps })).toEqual(delays);
  });

  test('plays any speed for as long as it should', () => {
    for (let fps = 1; fps <= 50; fps += 0.7) {
      const delays = frameDelays(100, { fps });
      expect(Math.abs(delays.reduce((sum, delay) => sum + delay) - 10_000 / fps)).toBeLessThanOrEqual(0.5);
      expect(Math.max(...delays) - Math.min(...delays)).toBeLessThanOrEqual(1);
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(2);
    }
  });

  test('takes milliseconds too', () => {
    expect(frameDelays(4, { frameDelayMs: 45 })).toEqual([5, 4, 5, 4]);
    expect(frameDelays(2, { frameDelayMs: 20 })).toEqual([2, 2]);
  });

  test.each([{ fps: 51 }, { fps: 0 }, { fps: -5 }, { fps: NaN }, { fps: 0.001 }, { frameDelayMs: 10 }])(
    'refuses %j in words',
    (speed) => {
      expect(() => frameDelays(2, speed)).toThrow(
        expect.objectContaining({ code: 'bad-input', hint: expect.stringMatching(/Choose/) as unknown }),
      );
    },
  );
});

describe('encodeGif', () => {
  test('has the frames asked for, the unchanged ones too, and loops for ever', async () => {
    const still = rainbow(40, 30, 0);
    const frames = [still, still, rainbow(40, 30, 1), still, still];
    const gif = decodeGif(await encodeGif({ frames, fps: 20 }));
    expect(gif).toMatchObject({ width: 40, height: 30, loops: 0 });
    expect(gif.frames).toHaveLength(5);
    for (const frame of gif.frames) {
      expect(frame).toMatchObject({ x: 0, y: 0, width: 40, height: 30, delayCs: 5, transparent: false });
      expect(frame.palette, 'one palette for all').toBeUndefined();
    }
  });

  test('writes the delays that the speed asks for', async () => {
    const frames = Array.from({ length: 6 }, (_, i) => rainbow(8, 8, i));
    const gif = decodeGif(await encodeGif({ frames, fps: 30 }));
    expect(gif.frames.map(({ delayCs }) => delayCs)).toEqual([3, 4, 3, 3, 4, 3]);
  });

  test('shows grey images exactly', async () => {
    const frames = [0, 5].map((shift) => ({
      width: 32,
      height: 16,
      channels: 1 as const,
      data: Uint8Array.from({ length: 512 }, (_, i) => (i / 2 + shift) & 0xff),
    }));
    const gif = decodeGif(await encodeGif({ frames, fps: 10 }));
    frames.forEach(({ data }, k) => {
      const shown = frameColours(gif, gif.frames[k]!);
      expect(shown).toEqual(Uint8Array.from(shown, (_, i) => data[Math.floor(i / 3)]!));
    });
  });

  test('shows up to 256 colours exactly', async () => {
    const frames = [0, 1].map((k) => ({
      width: 16,
      height: 16,
      channels: 3 as const,
      data: Uint8Array.from({ length: 768 }, (_, i) => (i % 3 === k ? Math.floor(i / 3) & 0xfe : 7)),
    }));
    const gif = decodeGif(await encodeGif({ frames, fps: 10 }));
    frames.forEach(({ data }, k) => expect(frameColours(gif, gif.frames[k]!)).toEqual(data));
  });

  test('does not flicker: what stands still keeps its pixels while the rest moves', async () => {
    const still = rainbow(64, 64, 0);
    const frames = Array.from({ length: 8 }, (_, i) => {
      const frame = { ...still, data: still.data.slice() };
      paste(frame, rainbow(20, 64, i), 44, 0);
      return frame;
    });
    const gif = decodeGif(await encodeGif({ frames, fps: 20 }));
    const [first] = gif.frames;
    for (const { indices } of gif.frames) {
      const changed = [...indices.keys()].filter((i) => indices[i] !== first!.indices[i]);
      expect(changed.every((i) => i % 64 >= 44)).toBe(true);
    }
    expect(gif.frames[1]!.indices, 'while the rest does move').not.toEqual(first!.indices);
  });

  test('shows reserved colours exactly, dithered neighbours or not', async () => {
    const surface = [15, 15, 17] as const;
    const frame = fillPicture(64, 64, 3, surface);
    paste(frame, rainbow(64, 40, 0), 0, 0);
    fillRectangle(frame, 10, 50, 6, 6, [243, 243, 244]);
    const gif = decodeGif(await encodeGif({ frames: [frame], fps: 5, reserved: [surface, [243, 243, 244]] }));
    const shown = frameColours(gif, gif.frames[0]!);
    expect(shown.subarray(40 * 64 * 3)).toEqual(frame.data.subarray(40 * 64 * 3));
  });

  test('takes frames as they come, and gives the same file', async () => {
    const frames = [rainbow(20, 20, 0), rainbow(20, 20, 1)];
    async function* later() {
      for (const frame of frames) yield await Promise.resolve(frame);
    }
    expect(await encodeGif({ frames: later(), fps: 5 })).toEqual(await encodeGif({ frames, fps: 5 }));
  });

  test('refuses no frames and frames of unequal size', async () => {
    await expect(encodeGif({ frames: [], fps: 5 })).rejects.toThrow(RangeError);
    await expect(encodeGif({ frames: [rainbow(2, 2, 0), rainbow(3, 2, 0)], fps: 5 })).rejects.toThrow(
      RangeError,
    );
    await expect(encodeGif({ frames: [fillPicture(70_000, 1, 1, [0, 0, 0])], fps: 5 })).rejects.toMatchObject(
      { code: 'bad-input' },
    );
  });

  describe.skipIf(!hasFaces)('on real faces (skipped where ../shared is missing)', () => {
    let faces: Picture[];
    beforeAll(async () => {
      faces = await readFaces(6);
    });

    test('stays near the true colours, and hides bands by mixing what areas look like', async () => {
      const frames = Array.from({ length: 12 }, (_, i) => mixPictures(faces[0]!, faces[5]!, i / 11));
      const plain = errors(decodeGif(await encodeGif({ frames, fps: 20, dither: false })), frames);
      expect(plain.mean).toBeLessThan(1);
      expect(plain.worst).toBeLessThan(6);
      const large = frames.map((frame) => enlarge(frame, 4));
      const flat = errors(decodeGif(await encodeGif({ frames: large, fps: 20, dither: false })), large);
      const mixed = errors(decodeGif(await encodeGif({ frames: large, fps: 20 })), large);
      expect(mixed.mean).toBeLessThan(1.3);
      expect(mixed.worst).toBeLessThan(8);
      expect(mixed.areas).toBeLessThan(flat.areas * 0.5);
    });
  });
});

describe('choosePalette', () => {
  test('gives the same 256 colours again, the reserved ones first', async () => {
    const pictures = [rainbow(64, 64, 0)];
    const palette = await choosePalette(pictures, [[1, 2, 3]]);
    expect(palette).toHaveLength(256);
    expect(palette[0]).toEqual([1, 2, 3]);
    expect(await choosePalette(pictures, [[1, 2, 3]])).toEqual(palette);
  });
});

describe('OKLab', () => {
  test('has the values that its author gives', () => {
    const lab = new Float32Array(3);
    writeOklab(lab, 0, 255, 255, 255);
    expect([...lab].map((value) => Math.abs(Number(value.toFixed(3))))).toEqual([1, 0, 0]);
    writeOklab(lab, 0, 255, 0, 0);
    [0.628, 0.2249, 0.1258].forEach((value, i) => expect(lab[i]).toBeCloseTo(value, 3));
  });

  test('comes back to the same bytes', () => {
    const lab = new Float32Array(3);
    for (let i = 0; i < 4096; i++) {
      const bytes = [(i & 15) * 17, ((i >> 4) & 15) * 17, (i >> 8) * 17] as const;
      writeOklab(lab, 0, ...bytes);
      expect(oklabToBytes(lab[0]!, lab[1]!, lab[2]!)).toEqual(bytes);
    }
  });
});
