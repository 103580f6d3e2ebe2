import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../../src/contract/tensor.ts';
import { decodeGif, frameColours } from '../fixtures/decode-gif.ts';
import {
  codeOf,
  countPictures,
  LIVE_FACE,
  pinnedImage,
  pixelsOf,
  placeOnScatter,
} from './harness/explore-page.ts';
import type { App } from './harness/launch.ts';
import { referenceEngine, type ReferenceEngine } from './harness/reference.ts';
import { launchUnravel, makeHome, noElectron } from './harness/unravel.ts';

describe.skipIf(noElectron)(`exploring${noElectron ? ` (skipped: ${noElectron})` : ''}`, () => {
  const home = makeHome();
  let app: App;
  let engine: ReferenceEngine;
  let run: string;
  let dataset: string;
  beforeAll(async () => {
    app = await launchUnravel(home);
    await app.page.find('img', 'Decoded from the live code');
    engine = referenceEngine(home.workspace);
    run = (await engine['runs.list']({}))[0]!.id;
    dataset = (await engine['datasets.list']({}))[0]!.id;
    // The starter begins with its axes; the sliders of dimensions show the code itself.
    await app.page.click('radio', 'Dimensions');
  });
  afterAll(async () => {
    await app.close();
    home.remove();
  });

  /** Waits until the face shown is what the engine decodes from the sliders' values, and compares the two. */
  async function expectLiveFace(): Promise<void> {
    const decode = async (): Promise<number[]> => {
      const z = await codeOf(app.page);
      return [...(await engine['models.decode']({ run, z: tensor('f32', [1, z.length], z) })).data];
    };
    await app.page
      .until(
        'the face',
        async () => (await pixelsOf(app.page, LIVE_FACE)).join() === (await decode()).join(),
        5000,
      )
      .catch(() => undefined);
    expect(await pixelsOf(app.page, LIVE_FACE)).toEqual(await decode());
  }

  it('draws the points', async () => {
    await app.page.until('the points', () =>
      app.page.evaluate(() => document.body.innerText.includes('20,000 codes')),
    );
    const [left, right] = [
      await placeOnScatter(app.page, 0.25, 0.25),
      await placeOnScatter(app.page, 0.75, 0.75),
    ];
    const drawn = async (): Promise<number> => {
      const image = await loadImage(await app.page.picture());
      const canvas = createCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(left.x, left.y, right.x - left.x, right.y - left.y);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] !== data[0] || data[i + 2] !== data[2]) count += 1;
      return count / (data.length / 4);
    };
    expect(await app.page.until('drawn points', async () => (await drawn()) > 0.05)).toBe(true);
  });

  it('decodes the point that is clicked, to the pixel', async () => {
    const before = await pinnedImage(app.page);
    await app.page.clickAt(await placeOnScatter(app.page, 0.48, 0.46));
    const index = await app.page.until('another image', async () => {
      const pinned = await pinnedImage(app.page);
      return pinned !== before ? pinned : undefined;
    });
    const posterior = await engine['models.posterior']({ run, dataset, index });
    await expectLiveFace();
    expect([...(await codeOf(app.page))]).toEqual([...posterior.mu.data]);
    expect(await pixelsOf(app.page, LIVE_FACE)).toEqual([...posterior.reconstruction!.data]);
    const original = `[aria-label="face-${String(index).padStart(5, '0')}, as the model was given it"]`;
    expect(await pixelsOf(app.page, original)).toEqual([...posterior.original.data]);
    await app.page.screenshot('clicked');
  });

  it('decodes again and again while a slider is dragged, and ends where it is let go', async () => {
    const before = await codeOf(app.page);
    const slider = await app.page.find('slider', /^z4\b/);
    const count = await countPictures(app.page, LIVE_FACE);
    await app.page.drag(slider, { x: slider.x + 80, y: slider.y }, 20);
    await expectLiveFace();
    expect(await count()).toBeGreaterThan(3);
    const after = await codeOf(app.page);
    expect(after[4]).not.toBeCloseTo(before[4]!);
    expect([...after].filter((value, i) => value !== before[i])).toHaveLength(1);
    await app.page.screenshot('slider');
  });

  it('moves a dimension by keys', async () => {
    const before = await codeOf(app.page);
    await app.page.press('ArrowRight');
    await app.page.until('the next value', async () => (await codeOf(app.page))[4] !== before[4]);
    expect((await codeOf(app.page))[4]).toBeCloseTo(before[4]! + 0.1, 5);
    await expectLiveFace();
  });

  it('exports a GIF, of the frames that the preview shows', async () => {
    const file = join(home.workspace, 'traversal.gif');
    await app.main.answerDialogs([file]);
    await app.page.press('g');
    const preview = '[aria-label^="The GIF’s frame"]';
    const text = await app.page.until('the preview', () =>
      app.page.evaluate(() => /Frame \d+ of (\d+)/.exec(document.body.innerText)?.[1]),
    );
    await app.page.click('button', 'Pause the preview');
    const shown = await app.page.evaluate(
      (selector) =>
        Number(/\d+/.exec(document.querySelector(selector)?.getAttribute('aria-label') ?? '')?.[0]),
      preview,
    );
    const pixels = await pixelsOf(app.page, preview);
    await app.page.screenshot('export');
    await app.page.click('button', 'Save GIF…');
    await app.page.until('the recipe', async () => (await engine['runs.recipes']({ run })).length > 0);

    const gif = decodeGif(readFileSync(file));
    expect(gif.frames).toHaveLength(Number(text));
    const canvas = new Uint8Array(gif.width * gif.height * 3);
    for (const frame of gif.frames.slice(0, shown)) {
      const colours = frameColours(gif, frame);
      frame.indices.forEach((_index, i) => {
        const x = frame.x + (i % frame.width);
        const y = frame.y + Math.floor(i / frame.width);
        canvas.set(colours.subarray(3 * i, 3 * i + 3), 3 * (y * gif.width + x));
      });
    }
    expect(pixels).toEqual([...canvas]);
    expect((await engine['runs.recipes']({ run }))[0]).toMatchObject({ kind: 'traversal', run });
  });

  it('finds the engine again after it has died', async () => {
    const [pid] = await app.processes('engine');
    process.kill(pid!, 'SIGKILL');
    await app.page.until('a new engine', async () => {
      const [now] = await app.processes('engine');
      return now !== undefined && now !== pid;
    });
    await app.page.clickAt(await placeOnScatter(app.page, 0.55, 0.5));
    await expectLiveFace();
  });

  it('has nothing to complain of', () => {
    expect(app.page.complaints).toEqual([]);
  });
});
