import type { Page, Point } from './page.ts';

export const LIVE_FACE = '[aria-label="Decoded from the live code"]';

/** The bytes `[height, width, 3]` of the canvas in an element of the page. */
export async function pixelsOf(page: Page, selector: string): Promise<number[]> {
  return page.evaluate((wanted) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`${wanted} canvas`);
    const image = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
    return [...(image?.data ?? [])].filter((_, i) => i % 4 !== 3);
  }, selector);
}

/** The code on the sliders, `[latentDim]`. */
export async function codeOf(page: Page): Promise<Float32Array> {
  const values = await page.evaluate(() =>
    [...document.querySelectorAll('[role=slider][aria-label^=z]')].map((slider) => [
      Number(slider.getAttribute('aria-label')?.match(/^z(\d+)/)?.[1]),
      Number(slider.getAttribute('aria-valuenow')),
    ]),
  );
  const code = new Float32Array(values.length);
  for (const [dimension = 0, value = 0] of values) code[dimension] = value;
  return code;
}

/** The number of the pinned image. */
export async function pinnedImage(page: Page): Promise<number> {
  const headings = await page.names('heading');
  const name = headings.find((heading) => /^face-\d+$/.test(heading));
  return Number(name?.replace('face-', ''));
}

/** A place on the scatter, in parts of its width and height. */
export async function placeOnScatter(page: Page, x: number, y: number): Promise<Point> {
  return page.evaluate(
    (across, down) => {
      const canvas = document.querySelector('canvas[aria-label="Scatter of latent codes"]')!;
      const box = canvas.getBoundingClientRect();
      return { x: box.x + across * box.width, y: box.y + down * box.height };
    },
    x,
    y,
  );
}

/** How many different pictures an element's canvas shows from now until it is asked again. */
export async function countPictures(page: Page, selector: string): Promise<() => Promise<number>> {
  await page.evaluate((wanted) => {
    const seen = new Set<string>();
    window.picturesSeen = seen;
    const look = (): void => {
      if (window.picturesSeen !== seen) return;
      const canvas = document.querySelector<HTMLCanvasElement>(`${wanted} canvas`);
      if (canvas) seen.add(canvas.toDataURL());
      requestAnimationFrame(look);
    };
    look();
  }, selector);
  return () =>
    page.evaluate(() => {
      const { size } = window.picturesSeen ?? new Set();
      window.picturesSeen = undefined;
      return size;
    });
}

declare global {
  interface Window {
    picturesSeen: Set<string> | undefined;
  }
}
