import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { answered } from './browser.ts';

/** What of a page's canvas is used here; the tests themselves run without a page's types. */
interface PageCanvas {
  readonly width: number;
  readonly height: number;
  getContext(
    kind: '2d',
    options: { willReadFrequently: boolean },
  ): {
    drawImage(image: unknown, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}

/** The colours of an image's canvas, RGB, row by row. */
export async function pixelsOf(face: Locator): Promise<number[]> {
  return face.locator('canvas').evaluate((element: unknown) => {
    const { width, height } = element as PageCanvas;
    // Of a copy: reading the canvas itself would make the browser keep it elsewhere.
    const { OffscreenCanvas } = globalThis as unknown as {
      OffscreenCanvas: new (width: number, height: number) => PageCanvas;
    };
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(element, 0, 0);
    return [...copy.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 !== 3);
  });
}

/** Waits until an image is the one expected, byte for byte. */
export async function expectPixels(face: Locator, expected: Uint8Array): Promise<void> {
  await expect.poll(() => pixelsOf(face), { timeout: 20_000 }).toEqual([...expected]);
}

/** The live decode, the original and the reconstruction of Explore's face column. */
export function facesOf(page: Page): { live: Locator; original: Locator; reconstruction: Locator } {
  return {
    live: page.getByRole('img', { name: 'Decoded from the live code' }),
    original: page.getByRole('img', { name: /as the model was given it/ }),
    reconstruction: page.getByRole('img', { name: 'Reconstruction by the model' }),
  };
}

/** The number of the pinned image, counted from 0. */
export async function pinnedIndex(page: Page): Promise<number> {
  return (
    Number(
      (await page.getByRole('textbox', { name: 'Number of the image' }).inputValue()).replace(/,/g, ''),
    ) - 1
  );
}

/** Clicks into the scatter, from the middle outwards, until another image is pinned. */
export async function clickAnotherPoint(page: Page): Promise<number> {
  const before = await pinnedIndex(page);
  const box = (await page.getByRole('region', { name: 'Latent codes' }).boundingBox())!;
  for (let turn = 1; turn < 60; turn++) {
    const radius = 6 * turn;
    const x = box.x + box.width / 2 + radius * Math.cos(turn * 2.4);
    const y = box.y + box.height / 2 + 0.6 * radius * Math.sin(turn * 2.4);
    await page.mouse.move(x, y);
    await page.mouse.click(x, y);
    // One click's answer before the next click: a busy machine answers late.
    await answered(page);
    const index = await pinnedIndex(page).catch(() => before);
    if (index !== before) return index;
  }
  throw new Error('No click hit a point.');
}
