import type { Browser, Page } from 'playwright-core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { placeStarters } from '../../src/engine/serving/starters.ts';
import { STARTERS } from '../fixtures/starters.ts';
import { answered, findChromium, openWindow, startBrowser } from './browser.ts';
import { facesOf } from './faces.ts';
import { startServer, type Served } from './served.ts';

describe.skipIf(findChromium() === undefined)('independent axes, by the keyboard alone', () => {
  let workspace: string;
  let served: Served;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'unravel-e2e-axes-'));
    await placeStarters(openWorkspace(workspace));
    const [last] = STARTERS.slice(-1);
    await rm(join(workspace, 'runs', last!.id, 'axes'), { recursive: true, force: true });
    served = await startServer(workspace);
    browser = await startBrowser();
    ({ page, complaints } = await openWindow(browser, served.url));
    await facesOf(page).live.waitFor({ timeout: 30_000 });
    await answered(page);
  });
  afterAll(async () => {
    await browser.close();
    await served.stop();
    await rm(workspace, { recursive: true });
  });

  const slider = (name: RegExp) =>
    page.getByRole('region', { name: 'Dimensions' }).getByRole('slider', { name });
  const values = async (): Promise<number[]> => {
    const all = await page.getByRole('region', { name: 'Dimensions' }).getByRole('slider').all();
    return Promise.all(all.map(async (one) => Number(await one.getAttribute('aria-valuenow'))));
  };

  it('are found, named by what they carry, and moved in step with the dimensions', async () => {
    const before = await values();
    await page.keyboard.press('a');
    await slider(/^a0\b/).waitFor({ timeout: 50_000 });
    expect(await slider(/^a\d+ \w+/).count()).toBeGreaterThan(3);
    const axes = await values();
    await slider(/^a0\b/).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(values).not.toEqual(axes);
    const moved = await values();
    expect(moved.filter((value, i) => Math.abs(value - axes[i]!) > 1e-3)).toHaveLength(1);
    await page.keyboard.press('a');
    await slider(/^z0\b/).waitFor();
    const dimensions = await values();
    expect(dimensions.filter((value, i) => Math.abs(value - before[i]!) > 1e-3).length).toBeGreaterThan(1);
  });

  it('are there at once the next time, and a GIF moves along them', async () => {
    await page.reload();
    await facesOf(page).live.waitFor({ timeout: 30_000 });
    await answered(page);
    // Where the axes carry more labels, the sliders begin with them.
    if ((await slider(/^a0\b/).count()) === 0) await page.keyboard.press('a');
    await slider(/^a0\b/).waitFor({ timeout: 20_000 });
    expect(await page.getByRole('article', { name: /^Finding independent axes/ }).count()).toBe(0);
    await page.keyboard.press('g');
    await page.getByRole('button', { name: /^Leave out a\d/ }).waitFor({ timeout: 20_000 });
    // The frames come from the engine, which takes the directions of the recipe.
    await page.getByText(/^Frame \d+ of 46$/).waitFor({ timeout: 40_000 });
    expect(complaints).toEqual([]);
  });
});
