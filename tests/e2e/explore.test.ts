import { createCanvas, loadImage } from '@napi-rs/canvas';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import { tensor } from '../../src/contract/tensor.ts';
import { askServer } from './ask.ts';
import { answered, findChromium, openWindow, screenshots, seriousFaults, startBrowser } from './browser.ts';
import { clickAnotherPoint, expectPixels, facesOf, pinnedIndex, pixelsOf } from './faces.ts';
import { startServer, type Served } from './served.ts';

describe.skipIf(findChromium() === undefined)('Explore, in a real browser', () => {
  let served: Served;
  let client: Client;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const pair = { run: '', dataset: '' };

  beforeAll(async () => {
    served = await startServer();
    client = await askServer(served.url);
    browser = await startBrowser();
    ({ page, complaints } = await openWindow(browser, served.url));
  });
  afterAll(async () => {
    client.close();
    await browser.close();
    await served.stop();
  });

  it('opens on the starter model, with points and a face, and asks nothing', async () => {
    await expectPixels(facesOf(page).live, await reconstructionOf(0));
    const scatter = page.getByRole('region', { name: 'Latent codes' });
    const picture = await loadImage(await page.screenshot({ clip: (await scatter.boundingBox())! }));
    const canvas = createCanvas(picture.width, picture.height);
    canvas.getContext('2d').drawImage(picture, 0, 0);
    const { data } = canvas.getContext('2d').getImageData(0, 0, picture.width, picture.height);
    const colours = new Set(
      Array.from({ length: data.length / 4 }, (_, i) => data.slice(i * 4, i * 4 + 3).join()),
    );
    expect(colours.size).toBeGreaterThan(200);
    expect(await page.getByRole('dialog').count()).toBe(0);
    await screenshots(page, 'explore-first-launch');
  });

  it('decodes the point that is clicked, pixel for pixel', async () => {
    const index = await clickAnotherPoint(page);
    await expectPixels(facesOf(page).reconstruction, await reconstructionOf(index));
    await expectPixels(facesOf(page).live, await reconstructionOf(index));
    const { original } = await client.request('models.posterior', { ...(await chosen()), index });
    await expectPixels(facesOf(page).original, original.data);
  });

  it('decodes while a slider is pulled, and goes back', async () => {
    await page.getByRole('radio', { name: 'Dimensions', exact: true }).click();
    const index = await pinnedIndex(page);
    const { mu } = await client.request('models.posterior', { ...(await chosen()), index });
    const slider = page.getByRole('slider').first();
    const dimension = Number(/z(\d+)/.exec((await slider.getAttribute('aria-label'))!)![1]);
    const before = await pixelsOf(facesOf(page).live);
    const box = (await slider.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2, { steps: 12 });
    await expect.poll(() => pixelsOf(facesOf(page).live)).not.toEqual(before);
    await page.mouse.up();
    const field = page.getByRole('textbox', { name: new RegExp(`^Value of z${dimension}\\b`) });
    await field.fill('-2.5');
    await field.press('Enter');
    const z = mu.data.slice();
    z[dimension] = -2.5;
    const decoded = await client.request('models.decode', {
      run: (await chosen()).run,
      z: tensor('f32', [1, z.length], z),
    });
    await expectPixels(facesOf(page).live, decoded.data);
    await screenshots(page, 'explore-pulled');
    await page.getByRole('button', { name: 'Back to image' }).click();
    await expectPixels(facesOf(page).live, await reconstructionOf(index));
  });

  it('walks the points by the keyboard', async () => {
    const before = await pinnedIndex(page);
    await page.getByRole('application', { name: 'Latent codes' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => pinnedIndex(page)).not.toBe(before);
  });

  it('shows the first two axes flat, where a click and the keys do the same, and remembers it', async () => {
    const description = page.locator('#scatter-description');
    // It begins with what the sliders move along.
    expect(await description.textContent()).toMatch(
      /on a\d+ Sunglasses, \d+ %; a\d+ .*Coloured by Sunglasses/,
    );
    await page.getByRole('combobox', { name: /^Axes/ }).click();
    await page.getByRole('option', { name: /^PCA/ }).click();
    await expect.poll(() => description.textContent()).toMatch(/PC 1, \d+ %; PC 2, \d+ %; PC 3, \d+ %/);
    await page.getByRole('radio', { name: '2D' }).click();
    await expect
      .poll(() => description.textContent())
      .toMatch(/PC 1, \d+ %; PC 2, \d+ %\. .*move the picture/);
    await screenshots(page, 'explore-flat');
    const index = await clickAnotherPoint(page);
    await expectPixels(facesOf(page).live, await reconstructionOf(index));
    await page.getByRole('application', { name: 'Latent codes' }).focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => pinnedIndex(page)).not.toBe(index);
    const walkedTo = await pinnedIndex(page);
    await answered(page);
    await page.reload();
    await expect.poll(() => page.getByRole('radio', { name: '2D' }).isChecked()).toBe(true);
    expect(await description.textContent()).toMatch(/PC 1, \d+ %; PC 2, \d+ %\./);
    await page.keyboard.press('v');
    await expect.poll(() => page.getByRole('radio', { name: '3D' }).isChecked()).toBe(true);
    // The image stays pinned, too.
    await expectPixels(facesOf(page).live, await reconstructionOf(walkedTo));
    expect(await pinnedIndex(page)).toBe(walkedTo);
  });

  it('draws the same picture again when it is fitted, by the button and by the key', async () => {
    const scatter = page.getByRole('region', { name: 'Latent codes' });
    const picture = async (): Promise<string> => {
      await answered(page);
      return (await page.screenshot({ clip: (await scatter.boundingBox())! })).toString('base64');
    };
    for (const space of ['3D', '2D']) {
      await page.getByRole('radio', { name: space }).click();
      const fitBy = {
        button: () => page.getByRole('button', { name: 'Fit to the points' }).click(),
        key: () => page.keyboard.press('Home'),
      };
      await fitBy.button();
      await page.getByRole('button', { name: 'Fit to the points' }).blur();
      const fitted = await picture();
      await page.keyboard.press('PageUp');
      await page.keyboard.press('Shift+ArrowRight');
      await expect.poll(picture).not.toBe(fitted);
      await fitBy.key();
      await expect.poll(picture).toBe(fitted);
    }
    await page.getByRole('radio', { name: '3D' }).click();
  });

  it('filters by the legend and shows faces for dots', async () => {
    const legend = page.getByRole('region', { name: /^Legend/ });
    const first = legend.getByRole('button').first();
    await first.click();
    expect(await first.getAttribute('aria-pressed')).toBe('false');
    await first.click();
    await page.getByRole('radio', { name: 'Faces' }).click();
    await screenshots(page, 'explore-faces');
    await page.getByRole('radio', { name: 'Dots' }).click();
  });

  it('has nothing serious for axe-core to find, in either theme', async () => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFaults(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
  });

  it('says nothing on the console', () => expect(complaints).toEqual([]));

  async function chosen(): Promise<typeof pair> {
    if (pair.run === '') {
      const [run] = await client.request('runs.list', {});
      const [dataset] = await client.request('datasets.list', {});
      Object.assign(pair, { run: run!.id, dataset: dataset!.id });
    }
    return pair;
  }

  async function reconstructionOf(index: number): Promise<Uint8Array> {
    const { reconstruction } = await client.request('models.posterior', { ...(await chosen()), index });
    return reconstruction!.data;
  }
});
