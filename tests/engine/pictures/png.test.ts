import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePng, readPicture } from '../../../src/engine/pictures/png.ts';
import { fillPicture } from '../../../src/engine/pictures/picture.ts';
import { hasFaces, readFaces } from '../../fixtures/faces.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-png-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('encodePng', () => {
  test('is read back exactly by another decoder, colour and grey', async () => {
    const picture = fc
      .record({
        width: fc.integer({ min: 1, max: 9 }),
        height: fc.integer({ min: 1, max: 9 }),
        channels: fc.constantFrom(1 as const, 3 as const),
      })
      .chain(({ width, height, channels }) => {
        const size = width * height * channels;
        return fc
          .uint8Array({ minLength: size, maxLength: size })
          .map((data) => ({ width, height, channels, data }));
      });
    await fc.assert(
      fc.asyncProperty(picture, async (drawn) => {
        const path = join(folder, 'round-trip.png');
        await writeFile(path, await encodePng(drawn));
        const read = await readPicture(path);
        expect([read.width, read.height]).toEqual([drawn.width, drawn.height]);
        // A colour image that happens to be grey is read as grey: the same pixels with one channel.
        const step = read.channels === drawn.channels ? 1 : 3;
        expect(read.data).toEqual(drawn.data.filter((_, i) => i % step === 0));
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  test('declares grey as grey and colour as colour, 8 bits', async () => {
    for (const [channels, type] of [
      [1, 0],
      [3, 2],
    ] as const) {
      const bytes = await encodePng(fillPicture(5, 4, channels, [1, 2, 3]));
      expect([...bytes.subarray(16, 26)]).toEqual([0, 0, 0, 5, 0, 0, 0, 4, 8, type]);
    }
  });

  test.skipIf(!hasFaces)(
    'makes faces smaller than they are (skipped where ../shared is missing)',
    async () => {
      const [face] = await readFaces(1);
      const path = join(folder, 'face.png');
      const bytes = await encodePng(face!);
      await writeFile(path, bytes);
      expect(await readPicture(path)).toEqual(face);
      expect(bytes.length).toBeLessThan(face!.data.length * 0.8);
    },
  );
});

describe('readPicture', () => {
  test('shows white where a picture is transparent', async () => {
    const path = join(folder, 'transparent.png');
    await writeFile(path, createCanvas(2, 2).toBuffer('image/png'));
    expect(await readPicture(path)).toEqual(fillPicture(2, 2, 1, [255, 255, 255]));
  });

  test('names the file that it cannot read', async () => {
    const path = join(folder, 'text.png');
    await writeFile(path, 'not a picture');
    await expect(readPicture(path)).rejects.toMatchObject({ code: 'bad-input', path });
    await expect(readPicture(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'bad-input' });
  });
});
