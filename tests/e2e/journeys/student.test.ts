import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readPdf } from '../../fixtures/pdf-text.ts';
import { dropOnWindow } from '../browser.ts';
import { facesOf } from '../faces.ts';
import {
  chosenIn,
  importedDataset,
  newRunForm,
  PATIENCE,
  savedBy,
  trainedRuns,
  viewButton,
} from '../steps.ts';
import { describeJourney } from './journey.ts';

const shared = join(import.meta.dirname, '../../../../shared/data');
const celeba = join(shared, 'celeba');
const published = join(shared, 'pretrained/btcvae_celeba');
const FACES = 240;
const ATTRIBUTES = 40;

/** A folder as CelebA's, with its first faces and its whole table of attributes. */
async function copyFaces(folder: string): Promise<string> {
  const copy = join(folder, 'celeba');
  await mkdir(join(copy, 'img_align_celeba'), { recursive: true });
  const names = (await readdir(join(celeba, 'img_align_celeba')))
    .filter((name) => name.endsWith('.jpg'))
    .sort();
  for (const name of names.slice(0, FACES)) {
    await copyFile(join(celeba, 'img_align_celeba', name), join(copy, 'img_align_celeba', name));
  }
  await copyFile(join(celeba, 'list_attr_celeba.txt'), join(copy, 'list_attr_celeba.txt'));
  return copy;
}

describeJourney(
  'a student compares two models of CelebA with a published one, and keeps a PDF',
  (step) => {
    step('drops CelebA, with its attributes', async ({ page, client, folder }) => {
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
      await dropOnWindow(page, await copyFaces(folder));
      const sheet = page.getByRole('dialog', { name: 'Import celeba' });
      const start = sheet.getByRole('button', { name: `Import ${FACES} images` });
      await start.waitFor(PATIENCE);
      await start.click();
      const dataset = await importedDataset(client, 'celeba');
      expect(dataset.images).toBe(FACES);
      expect(dataset.columns).toHaveLength(ATTRIBUTES);
      await chosenIn(page, 'Data set', 'celeba').waitFor(PATIENCE);
    });

    step('drops a published model, and sees the faces through it', async ({ page, client }) => {
      await dropOnWindow(page, published);
      await chosenIn(page, 'Run', 'btcvae_celeba').waitFor(PATIENCE);
      await chosenIn(page, 'Data set', 'celeba').waitFor();
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
      const [run] = await client.request('runs.list', {});
      expect(run).toMatchObject({ name: 'btcvae_celeba', state: 'imported' });
    });

    step('trains two models from one form', async ({ page, client }) => {
      await viewButton(page, 'Train').click();
      await page.getByRole('button', { name: 'New run' }).click();
      const form = newRunForm(page);
      await page.getByRole('combobox', { name: 'Images celeba' }).waitFor();
      await form.getByRole('radio', { name: 'Quick look' }).click();
      await form.getByRole('checkbox', { name: 'β-VAE' }).click();
      await form.getByRole('textbox', { name: 'Epochs' }).fill('3');
      await form.getByRole('button', { name: 'Train 2 models' }).click();
      const runs = await trainedRuns(client, 2);
      expect(runs.map(({ config }) => config.objective.model).sort()).toEqual(['beta-vae', 'vae']);
    });

    step('compares them with the published one', async ({ page }) => {
      await viewButton(page, 'Compare').click();
      await page.getByRole('button', { name: /^Compared runs/ }).click();
      const items = page.getByRole('menuitemcheckbox');
      for (const name of ['VAE on celeba', 'β-VAE on celeba', 'btcvae_celeba']) {
        const item = items.filter({ hasText: name }).first();
        if ((await item.getAttribute('aria-checked')) !== 'true') await item.click();
      }
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Compared runs: 3 runs/ }).waitFor();
      for (const name of ['VAE', 'β-VAE', 'β-TCVAE']) {
        await page.getByRole('heading', { name, exact: true, level: 2 }).waitFor(PATIENCE);
      }
    });

    step('measures one of them by the attributes', async ({ page, client }) => {
      await viewButton(page, 'Measure').click();
      await page.getByText(`can be judged by the ${ATTRIBUTES} labels of celeba`).waitFor();
      await page.getByRole('button', { name: 'Choose metrics' }).click();
      const choice = page.locator('.popover');
      for (const name of ['DCI, boosted trees', 'DCI, linear (L1)', 'Linear classifier']) {
        await choice.getByRole('switch', { name }).click();
      }
      await choice.getByRole('button', { name: 'Measure' }).click();
      await page.getByRole('listbox', { name: 'Metrics' }).waitFor(PATIENCE);
      expect(await page.getByRole('option', { name: /^MIG 0\.\d\d/ }).count()).toBe(1);
      const measured = (await client.request('jobs.list', {})).filter(
        ({ request }) => request.kind === 'evaluate',
      );
      expect(measured.map(({ state }) => state)).toEqual(['done']);
    });

    step('exports the comparison as a PDF that names the models', async ({ page }) => {
      await viewButton(page, 'Compare').click();
      await page.getByRole('button', { name: 'Figures as PDF' }).click();
      const button = page.getByRole('button', { name: 'Save PDF' });
      const { name, bytes } = await savedBy(page, () => button.click());
      expect(name).toMatch(/\.pdf$/);
      const { pages, text } = readPdf(bytes);
      expect(pages.length).toBeGreaterThan(0);
      for (const model of ['VAE', 'β-VAE', 'β-TCVAE']) expect(text).toContain(model);
    });
  },
  existsSync(celeba) && existsSync(published)
    ? undefined
    : 'the photographs and models of ../shared are not here',
);
