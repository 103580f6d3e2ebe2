import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { answered } from './browser.ts';

/** The sizes of windows that every view is made for. A window of 1280×800 at 200 % zoom has 640×400 CSS pixels. */
export const EVERY_SIZE = {
  '1024x700': { width: 1024, height: 700 },
  '1280x800': { width: 1280, height: 800 },
  '1920x1080': { width: 1920, height: 1080 },
  zoomed: { width: 640, height: 400 },
  phone: { width: 390, height: 844 },
} as const;
export type SizeName = keyof typeof EVERY_SIZE;

const MEASURING = join(import.meta.dirname, 'page/layout-faults.js');

/** What is wrong with how the window is laid out at its present size, in words. */
export async function layoutFaults(page: Page, isTouched: boolean): Promise<string[]> {
  // Through the debugger's door, because the page's own policy lets no script in.
  await page.evaluate(await readFile(MEASURING, 'utf8'));
  return page.evaluate<string[]>(`layoutFaults(${JSON.stringify({ isTouched })})`);
}

/** Where `npm run screenshots -- --sizes` wants the pictures; undefined in a test. */
const PICTURES = process.env['UNRAVEL_SIZES'];

/** Keeps a picture of the window where pictures are asked for. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** Gives the window a size and a theme, and waits until it has drawn itself anew. */
export async function resizeTo(page: Page, size: SizeName, colorScheme: 'dark' | 'light'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize(EVERY_SIZE[size]);
  await answered(page);
}
