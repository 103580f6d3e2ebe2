import { describe, expect, it } from 'vitest';
import { UnravelError } from '../../../src/contract/errors.ts';
import { builtEntry } from '../../../src/engine/basics/entry.ts';
import { drawFaces } from '../../../src/engine/synthetic/draw-faces.ts';
import { drawFace, faceFactors } from '../../../src/engine/synthetic/faces.ts';

/** Threads are started from the build; without one these tests have nothing to run. */
function hasBuild(): boolean {
  try {
    builtEntry('faces-worker');
    return true;
  } catch {
    return false;
  }
}

/** Ports to threads that keep this process alive. */
function liveWorkers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
}

describe.skipIf(!hasBuild())('drawing faces on several threads (needs the build: npm run build)', () => {
  it('gives the same bytes in order, whatever the number of threads', async () => {
    const bytes = 64 * 64 * 3;
    for (const workers of [1, 3]) {
      let at = 40;
      const progress: number[] = [];
      for await (const { start, images } of drawFaces({
        seed: 5,
        start: 40,
        count: 300,
        workers,
        onProgress: (drawn) => progress.push(drawn),
      })) {
        expect(start).toBe(at);
        const faces = images.length / bytes;
        for (const face of [0, faces - 1]) {
          const expected = drawFace(faceFactors(5, start + face), 64);
          expect(images.subarray(face * bytes, (face + 1) * bytes)).toEqual(expected);
        }
        at += faces;
      }
      expect(at).toBe(340);
      expect(progress.at(-1)).toBe(300);
    }
  });

  it('draws at other sizes', async () => {
    for await (const { images } of drawFaces({ seed: 1, count: 2, sizePx: 128, workers: 2 })) {
      const expected = [0, 1].map((index) => Buffer.from(drawFace(faceFactors(1, index), 128)));
      expect(Buffer.concat(expected).equals(images)).toBe(true);
    }
  });

  it('keeps what it has given intact while threads draw on, further than the buffer holds', async () => {
    const blocks: { start: number; images: Uint8Array }[] = [];
    for await (const block of drawFaces({ seed: 8, count: 12 * 128, sizePx: 16, workers: 2 }))
      blocks.push(block);
    expect(blocks).toHaveLength(12);
    for (const { start, images } of blocks) {
      expect(images.subarray(0, 16 * 16 * 3)).toEqual(drawFace(faceFactors(8, start), 16));
    }
  });

  it('stops when it is cancelled, with no thread left', async () => {
    const before = liveWorkers();
    const controller = new AbortController();
    const read = async () => {
      for await (const block of drawFaces({ seed: 1, count: 1e7, workers: 2, signal: controller.signal })) {
        expect(block.images.length).toBeGreaterThan(0);
        controller.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'cancelled' });
    expect(liveWorkers()).toBe(before);
  });

  it('ends its threads when the reader leaves early', async () => {
    const before = liveWorkers();
    for await (const block of drawFaces({ seed: 1, count: 1e7, workers: 2 })) {
      expect(block.start).toBe(0);
      expect(liveWorkers()).toBeGreaterThan(before);
      break;
    }
    expect(liveWorkers()).toBe(before);
  });

  it('refuses to start once cancelled', async () => {
    const faces = drawFaces({ seed: 1, count: 10, signal: AbortSignal.abort() });
    await expect(faces.next()).rejects.toBeInstanceOf(UnravelError);
  });

  it('gives nothing for no faces', async () => {
    expect(await drawFaces({ seed: 1, count: 0 }).next()).toEqual({ done: true, value: undefined });
  });
});
