import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import { decodeGif } from '../fixtures/decode-gif.ts';
import { askServer } from './ask.ts';
import {
  dropOnWindow,
  findChromium,
  openWindow,
  screenshots,
  seriousFaults,
  startBrowser,
} from './browser.ts';
import { clickAnotherPoint, expectPixels, facesOf, pixelsOf } from './faces.ts';
import { jobProcesses, startServer, type Served } from './served.ts';
import { viewButton } from './steps.ts';
import { unexplainedTerms } from './terms.ts';
import { isOwnRun } from '../fixtures/starters.ts';

const celeba = join(import.meta.dirname, '../../../shared/data/celeba');

/** Trainings of eight thousand faces take a while on two cores. */
const PATIENCE = { timeout: 240_000, interval: 500 };

describe.skipIf(findChromium() === undefined || !existsSync(celeba))(
  'from a dropped folder of CelebA to a GIF, in a real browser',
  { timeout: 300_000 },
  () => {
    let served: Served;
    let client: Client;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    /** What axe-core found wrong on the way. */
    const faults: string[] = [];

    beforeAll(async () => {
      served = await startServer();
      client = await askServer(served.url);
      browser = await startBrowser();
      ({ page, complaints } = await openWindow(browser, served.url));
      await facesOf(page).live.locator('canvas').waitFor();
    });
    afterAll(async () => {
      client.close();
      await browser.close();
      await served.stop();
    });

    const look = async (): Promise<void> => void faults.push(...(await seriousFaults(page)));
    it('shows what a dropped folder holds, and imports it with its attributes', async () => {
      await dropOnWindow(page, celeba);
      const sheet = page.getByRole('dialog', { name: 'Import celeba' });
      const start = sheet.getByRole('button', { name: 'Import 8,000 images' });
      await start.waitFor({ timeout: 120_000 });
      await expect.poll(() => sheet.getByRole('img').count(), PATIENCE).toBe(64);
      await screenshots(page, 'drop-sheet');
      await look();
      await start.click();
      await expect.poll(() => client.request('datasets.list', {}), PATIENCE).toHaveLength(2);
      const [dataset] = await client.request('datasets.list', {});
      expect(dataset).toMatchObject({ name: 'celeba', images: 8000, channels: 3 });
      expect(dataset!.columns).toHaveLength(40);
    });

    it('shows the images, and goes from one to its point', async () => {
      await viewButton(page, 'Data').click();
      await page.getByRole('heading', { name: 'celeba', level: 2 }).waitFor();
      await screenshots(page, 'data');
      await look();
    });

    it('trains β-TCVAE live, while points are clicked and sliders pulled', async () => {
      await viewButton(page, 'Train').click();
      const form = page.getByRole('form', { name: 'New run' });
      if (!(await form.isVisible())) await page.getByRole('button', { name: 'New run' }).click();
      await page.getByRole('combobox', { name: /^Images/ }).waitFor();
      await form.getByRole('radio', { name: 'Disentangle' }).click();
      expect(await form.getByRole('radio', { name: 'burgess' }).isChecked()).toBe(true);
      await form.getByRole('textbox', { name: 'Latent dimensions' }).fill('10');
      await form.getByRole('textbox', { name: 'Epochs' }).fill('4');
      await form.getByRole('textbox', { name: 'Learning rate' }).fill('0.001');
      await form.getByRole('textbox', { name: 'β, weight of TC' }).fill('6');
      await screenshots(page, 'train-form');
      await look();
      await form.getByRole('button', { name: 'Train' }).click();
      await expect.poll(newestRun, PATIENCE).toMatchObject({ state: 'running' });

      // Explore answers meanwhile.
      await viewButton(page, 'Explore').click();
      await page.getByRole('button', { name: /^Run:/ }).click();
      await page.getByRole('menuitem', { name: /Starter/ }).click();
      await expect
        .poll(() => page.getByRole('button', { name: /^Data set: Sample faces/ }).count(), PATIENCE)
        .toBe(1);
      await facesOf(page).live.locator('canvas').waitFor();
      const index = await clickAnotherPoint(page);
      const [starter] = (await client.request('runs.list', {})).filter(({ name }) => name === 'Starter');
      const pair = { run: starter!.id, dataset: starter!.dataset!.id };
      const { reconstruction } = await client.request('models.posterior', { ...pair, index });
      await expectPixels(facesOf(page).live, reconstruction!.data);
      const slider = page.getByRole('slider').first();
      await slider.focus();
      const before = await pixelsOf(facesOf(page).live);
      for (let press = 0; press < 8; press++) await page.keyboard.press('Shift+ArrowLeft');
      await expect.poll(() => pixelsOf(facesOf(page).live)).not.toEqual(before);

      await viewButton(page, 'Train').click();
      await expect.poll(async () => (await newestRun())?.epoch, PATIENCE).toBeGreaterThanOrEqual(1);
      await screenshots(page, 'train-running');
      await look();
    });

    it('survives the death of the training, and resumes it to the end', async () => {
      const { epoch } = (await newestRun())!;
      const training = jobProcesses(served.process.pid!);
      if (epoch < 4) {
        expect(training).toHaveLength(1);
        process.kill(training[0]!, 'SIGKILL');
        await expect.poll(async () => (await newestRun())?.state, PATIENCE).toBe('interrupted');
        await screenshots(page, 'train-interrupted');
        await page.getByRole('button', { name: 'Resume' }).first().click();
      }
      await expect.poll(newestRun, PATIENCE).toMatchObject({ state: 'done', epoch: 4 });
      expect(await unexplainedTerms(page)).toEqual([]);
      await screenshots(page, 'train-done');
    });

    it('explores the new run, coloured by an attribute', async () => {
      await page.getByRole('button', { name: 'Explore this run' }).click();
      await facesOf(page).live.locator('canvas').waitFor({ timeout: 120_000 });
      await page.getByRole('combobox', { name: /^Colour/ }).click();
      await page.getByRole('option', { name: /^Smiling/ }).click();
      const legend = page.getByRole('region', { name: 'Legend: Smiling' });
      await legend.waitFor();
      const run = (await newestRun())!;
      const column = await client.request('datasets.column', { dataset: run.dataset!.id, column: 'Smiling' });
      const smiling = column.data.reduce((sum, value) => sum + value, 0);
      expect(await legend.textContent()).toContain(smiling.toLocaleString('en'));
      await screenshots(page, 'explore-celeba');
      const index = await clickAnotherPoint(page);
      const { original } = await client.request('models.posterior', {
        run: run.id,
        dataset: run.dataset!.id,
        index,
      });
      await expectPixels(facesOf(page).original, original.data);
    });

    it('exports the traversal that its preview shows', async () => {
      await page.getByRole('button', { name: /Export GIF/ }).click();
      const save = page.getByRole('button', { name: /Save GIF/ });
      await save.waitFor();
      await screenshots(page, 'export');
      await look();
      const [download] = await Promise.all([page.waitForEvent('download', PATIENCE), save.click()]);
      const gif = decodeGif(await readFile(await download.path()));
      const [recipe] = await client.request('runs.recipes', { run: (await newestRun())!.id });
      const preview = await client.request('models.preview', { recipe: recipe! });
      expect(gif.frames).toHaveLength(preview.frames.shape[0]!);
      expect([gif.width, gif.height]).toEqual([preview.width, preview.height]);
    });

    it('trains a sweep of a further model that is told a label', async () => {
      await viewButton(page, 'Train').click();
      await page.getByRole('button', { name: 'New run' }).click();
      const form = page.getByRole('form', { name: 'New run' });
      await form.getByRole('button', { name: 'More models' }).click();
      await form.getByRole('checkbox', { name: 'β-TCVAE' }).click();
      await form.getByRole('checkbox', { name: 'DIP-VAE-I', exact: true }).click();
      // Settings are as they were left; only this model is.
      expect(await form.getByRole('radio', { name: 'burgess' }).isChecked()).toBe(true);
      await form.getByRole('textbox', { name: 'Epochs' }).fill('1');
      await form.getByRole('button', { name: 'Decoder, condition, sweep' }).click();
      await form.getByRole('combobox', { name: /^Decoder/ }).click();
      await page.getByRole('option', { name: 'Laplace' }).click();
      await form.getByRole('combobox', { name: /^Condition/ }).click();
      await page.getByRole('option', { name: 'Smiling' }).click();
      await form.getByRole('switch', { name: 'Sweep' }).click();
      await form.getByRole('textbox', { name: 'Seeds' }).fill('3, 4');
      await form.getByRole('textbox', { name: 'Seeds' }).scrollIntoViewIfNeeded();
      await screenshots(page, 'train-sweep');
      await look();
      await form.getByRole('button', { name: 'Train 2 models' }).click();
      const trained = async () =>
        (await client.request('runs.list', {}))
          .filter(({ config, state }) => config.objective.model === 'dip-vae-i' && state === 'done')
          .map(({ name, config, condition }) => [name, config.decoder?.kind, condition?.column]);
      await expect
        .poll(async () => (await trained()).sort(), PATIENCE)
        .toEqual([
          ['DIP-VAE-I, seed 3', 'laplace', 'Smiling'],
          ['DIP-VAE-I, seed 4', 'laplace', 'Smiling'],
        ]);
    });

    it('has had nothing serious for axe-core to find', () => expect(faults).toEqual([]));

    it('says nothing on the console', () => expect(complaints).toEqual([]));

    async function newestRun() {
      return (await client.request('runs.list', {})).find(isOwnRun);
    }
  },
);
