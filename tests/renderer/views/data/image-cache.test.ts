import { describe, expect, it } from 'vitest';
import { createClient } from '../../../../src/contract/client.ts';
import { IMAGE_SIZES, imageBytes } from '../../../../src/contract/image-size.ts';
import { mostImages } from '../../../../src/contract/operations/datasets.ts';
import { portPair } from '../../../../src/contract/port.ts';
import { serve } from '../../../../src/contract/serve.ts';
import { tensor } from '../../../../src/contract/tensor.ts';
import { TILE_PX } from '../../../../src/renderer/views/data/grid.ts';
import { ImageCache } from '../../../../src/renderer/views/data/image-cache.ts';
import { passed } from '../../held.ts';

/** An engine whose image number i is of the grey i; it answers when it is told to. */
function slowEngine(imageSize = 64) {
  const asked: number[][] = [];
  const answers: (() => void)[] = [];
  const [ours, theirs] = portPair();
  serve(theirs, {
    'datasets.images': async ({ indices }: { indices: number[] }) => {
      asked.push(indices);
      await new Promise<void>((resolve) => answers.push(resolve));
      const bytes = imageSize * imageSize;
      const data = new Uint8Array(indices.length * bytes);
      indices.forEach((index, i) => data.fill(index % 256, i * bytes, (i + 1) * bytes));
      return tensor('u8', [indices.length, imageSize, imageSize, 1], data);
    },
  });
  const settle = passed;
  const answer = async (): Promise<void> => {
    await settle();
    answers.shift()?.();
    await settle();
  };
  return { client: createClient(ours), asked, answer, settle };
}

const faces = { id: 'faces', imageSize: 64, channels: 1 } as const;
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const fail = (error: unknown): void => {
  throw error;
};

describe('ImageCache', () => {
  it('fetches what is wanted in batches, and tells what has come', async () => {
    const { client, asked, answer } = slowEngine();
    const loaded: number[] = [];
    const cache = new ImageCache(client, faces, (indices) => loaded.push(...indices), fail);
    cache.want(range(0, 200));
    await answer();
    expect(loaded).toEqual(range(0, 128));
    expect(cache.get(7)!.data[0]).toBe(7);
    await answer();
    expect(loaded).toEqual(range(0, 200));
    expect(asked.map(({ length }) => length)).toEqual([128, 72]);
  });

  it.each(IMAGE_SIZES)(
    'keeps images of %i pixels as large as a tile, and asks for what one answer carries',
    async (imageSize) => {
      const { client, asked, answer } = slowEngine(imageSize);
      const dataset = { id: 'faces', imageSize, channels: 1 } as const;
      const cache = new ImageCache(client, dataset, () => undefined, fail);
      cache.want(range(0, 300));
      await answer();
      expect(asked[0]!.length).toBeLessThanOrEqual(mostImages(dataset));
      expect(asked[0]!.length * imageBytes(dataset)).toBeLessThanOrEqual(6 * 2 ** 20);
      expect(cache.get(9)).toMatchObject({ width: TILE_PX, height: TILE_PX, channels: 1 });
      expect(cache.get(9)!.data).toEqual(new Uint8Array(TILE_PX * TILE_PX).fill(9));
      cache.close();
      await answer();
    },
  );

  it('forgets rows that have gone by: the newest wish comes next', async () => {
    const { client, asked, answer } = slowEngine();
    const cache = new ImageCache(client, faces, () => undefined, fail);
    for (const start of [0, 1000, 2000, 3000]) cache.want(range(start, start + 300));
    await answer();
    await answer();
    expect(asked.map(([first]) => first)).toEqual([0, 3000, 3128]);
  });

  it('asks for nothing that is there', async () => {
    const { client, asked, answer, settle } = slowEngine();
    const cache = new ImageCache(client, faces, () => undefined, fail);
    cache.want(range(0, 10));
    await answer();
    cache.want(range(5, 12));
    await answer();
    cache.want(range(0, 12));
    await settle();
    expect(asked).toEqual([range(0, 10), [10, 11]]);
  });

  it('keeps what was wanted last when it keeps no more', async () => {
    const { client, answer, asked } = slowEngine();
    const cache = new ImageCache(client, faces, () => undefined, fail);
    for (let start = 0; start < 5120; start += 128) {
      cache.want(range(start, start + 128));
      await answer();
    }
    expect(asked).toHaveLength(40);
    expect(cache.get(0)).toBeUndefined();
    expect(cache.get(5119)).toBeDefined();
  });

  it('says what went wrong, and says nothing once it is closed', async () => {
    const [ours, theirs] = portPair();
    serve(theirs, {});
    const heard: unknown[] = [];
    const cache = new ImageCache(
      createClient(ours),
      faces,
      () => undefined,
      (error) => heard.push(error),
    );
    cache.want([1]);
    await passed();
    expect(heard).toHaveLength(1);
    cache.want([2]);
    cache.close();
    await passed();
    expect(heard).toHaveLength(1);
  });
});
