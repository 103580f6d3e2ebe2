import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import type { DatasetInfo } from '../../src/contract/dataset.ts';
import { askServer } from './ask.ts';
import {
  answered,
  dropOnWindow,
  findChromium,
  openWindow,
  screenshots,
  seriousFaults,
  startBrowser,
} from './browser.ts';
import { facesOf } from './faces.ts';
import { pressOn, tabTo, typeInto } from './keyboard.ts';
import { PORTRAITS, portraitCodes, portraitName, writePortraits } from './photos-with-tables.ts';
import { startServer, type Served } from './served.ts';
import { importedDataset, viewButton } from './steps.ts';

const pretrained = join(import.meta.dirname, '../../../shared/data/pretrained/VAE_celeba');

/** A step of these takes seconds; the limit only ends a test that would otherwise wait for ever. */
const PATIENCE = { timeout: 30_000, interval: 100 };

const skipped = findChromium() === undefined ? ' (skipped: there is no Chromium)' : '';

describe.skipIf(skipped)(
  `what people drop on the window, in a real browser${skipped}`,
  { timeout: 240_000 },
  () => {
    let served: Served;
    let client: Client;
    let browser: Browser;
    let page: Page;
    let folder: string;
    let complaints: string[];
    const faults: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'unravel-e2e-tables-'));
      await writePortraits(join(folder, 'portraits'));
      await writeFile(join(folder, 'latents.csv'), portraitCodes());
      served = await startServer(join(folder, 'workspace'));
      client = await askServer(served.url);
      browser = await startBrowser();
      ({ page, complaints } = await openWindow(browser, served.url));
      page.setDefaultTimeout(30_000);
      await facesOf(page).live.locator('canvas').waitFor();
    });
    afterAll(async () => {
      client.close();
      await browser.close();
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const look = async (): Promise<void> => void faults.push(...(await seriousFaults(page)));
    const table = (sheet: Locator, name: string): Locator =>
      sheet.getByRole('list', { name: 'Tables found' }).getByRole('listitem').filter({ hasText: name });
    /** The values of an image's labels in a data set. */
    async function labelsOf(dataset: DatasetInfo, image: string): Promise<Record<string, unknown>> {
      const names = await client.request('datasets.names', {
        dataset: dataset.id,
        indices: Array.from({ length: dataset.images }, (_, i) => i),
      });
      const index = names.findIndex((name) => name.endsWith(image));
      const entries = dataset.columns.map(async ({ name, categories }) => {
        const { data } = await client.request('datasets.column', { dataset: dataset.id, column: name });
        return [name, categories?.[data[index]!] ?? data[index]] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    }

    it('shows which tables name the images, by which column, with ten joined rows', async () => {
      await dropOnWindow(page, join(folder, 'portraits'));
      const sheet = page.getByRole('dialog', { name: 'Import portraits' });
      await sheet.getByRole('button', { name: `Import ${PORTRAITS.images} images` }).waitFor(PATIENCE);
      const ages = table(sheet, 'ages.csv');
      expect(await ages.getByRole('switch').isChecked()).toBe(true);
      expect(await ages.getByRole('combobox').getAttribute('aria-label')).toContain('found: file');
      await ages.getByText('10 of 60 joined rows').click();
      const rows = ages.getByRole('region', { name: 'Joined rows of ages.csv' }).getByRole('row');
      expect(await rows.count()).toBe(11);
      expect(await rows.nth(0).getByRole('columnheader').allTextContents()).toEqual([
        'image',
        'file',
        'pair',
        'age',
        'mood',
      ]);
      const first = await rows.nth(1).getByRole('rowheader').textContent();
      expect(await rows.nth(1).getByRole('cell').first().textContent()).toBe(first);
      expect(await table(sheet, 'persons.tsv').getByRole('switch').isChecked()).toBe(true);
      // What is not used is named with the reason.
      expect(await table(sheet, 'cities.csv').textContent()).toMatch(/Not used: no column of it names/);
      expect(await table(sheet, 'quota.csv').textContent()).toMatch(/Not used: it is a web page/);
      // The folders say how the images are split.
      expect(await sheet.textContent()).toMatch(/40 for training, 10 for validation, 10 for test/);
      await screenshots(page, 'drop-tables');
      await look();
    });

    it('imports what was chosen: another column of names, no second table, a pattern, 128 pixels', async () => {
      const sheet = page.getByRole('dialog', { name: 'Import portraits' });
      await table(sheet, 'ages.csv').getByRole('combobox').click();
      await page.getByRole('option', { name: 'pair', exact: true }).click();
      await answered(page);
      expect(await table(sheet, 'ages.csv').textContent()).toMatch(/60 of its 60 rows/);
      await table(sheet, 'persons.tsv').getByRole('switch').click();
      await expect.poll(() => table(sheet, 'persons.tsv').textContent(), PATIENCE).toMatch(/Not used/);
      expect(await sheet.textContent()).toContain('{age}_{gender}_{race}_{*}');
      await sheet.getByRole('switch', { name: 'Labels in the file names' }).click();
      await sheet
        .getByRole('textbox', { name: 'Pattern of the file names' })
        .fill('{years}_{*}_{*}_{number}');
      // The pictures are 320 × 288, so that every size can be made of them.
      const sizes = sheet.getByRole('radiogroup', { name: 'Size of the images' });
      expect(await sizes.getByRole('radio').allTextContents()).toEqual([
        '32 × 32',
        '64 × 64',
        '128 × 128',
        '256 × 256',
      ]);
      await sizes.getByRole('radio', { name: '128 × 128' }).click();
      await answered(page);
      expect(await sheet.textContent()).toMatch(/as the model will see them: 128 × 128/);
      expect(await sheet.textContent()).toMatch(/Training takes up to 4 times as long/);
      await sheet.getByText('10 of 60 joined rows').first().scrollIntoViewIfNeeded();
      await screenshots(page, 'drop-chosen');
      await look();
      await sheet.getByRole('button', { name: `Import ${PORTRAITS.images} images` }).click();
      const dataset = await importedDataset(client, 'portraits');
      expect(dataset).toMatchObject({ images: PORTRAITS.images, imageSize: 128 });
      expect(dataset.split).toMatchObject({ train: 40, validation: 10, test: 10 });
      const names = dataset.columns.map(({ name }) => name);
      expect(names).not.toContain('person');
      expect(names).toEqual(expect.arrayContaining(['split', 'age', 'mood', 'years', 'number']));
      // By `pair`, image 0 has the row of image 59.
      expect(await labelsOf(dataset, portraitName(0))).toMatchObject({ age: 79, years: 20, number: 1000 });
      expect(dataset.skipped.map(({ file }) => file)).toEqual(
        expect.arrayContaining(['cities.csv', 'quota.csv']),
      );
    });

    it('does the same by the keyboard alone', async () => {
      await dropOnWindow(page, join(folder, 'portraits'));
      const sheet = page.getByRole('dialog', { name: 'Import portraits' });
      await sheet.getByRole('button', { name: `Import ${PORTRAITS.images} images` }).waitFor(PATIENCE);
      await tabTo(page, sheet.getByRole('textbox', { name: 'Name of the data set' }));
      // The sheet keeps the keyboard inside by going to this field itself, which does not select what is in it.
      await page.keyboard.press('Control+A');
      await page.keyboard.type('By keys');
      await tabTo(page, sheet.getByRole('radio', { name: '64 × 64' }));
      await page.keyboard.press('ArrowRight');
      expect(await sheet.getByRole('radio', { name: '128 × 128' }).isChecked()).toBe(true);
      await pressOn(page, table(sheet, 'ages.csv').getByRole('combobox'));
      await page.getByRole('option', { name: 'pair', exact: true }).waitFor();
      await page.keyboard.press('p');
      await page.keyboard.press('Enter');
      await expect
        .poll(() => table(sheet, 'ages.csv').getByRole('combobox').getAttribute('aria-label'), PATIENCE)
        .toMatch(/pair$/);
      await pressOn(page, table(sheet, 'ages.csv').getByText('10 of 60 joined rows'));
      await tabTo(page, sheet.getByRole('region', { name: 'Joined rows of ages.csv' }));
      await pressOn(page, table(sheet, 'persons.tsv').getByRole('switch'), 'Space');
      await expect.poll(() => table(sheet, 'persons.tsv').textContent(), PATIENCE).toMatch(/Not used/);
      await pressOn(page, sheet.getByRole('switch', { name: 'Labels in the file names' }), 'Space');
      await typeInto(page, sheet.getByRole('textbox', { name: 'Pattern of the file names' }), '{years}_{*}');
      await pressOn(page, sheet.getByRole('button', { name: `Import ${PORTRAITS.images} images` }));
      const dataset = await importedDataset(client, 'By keys');
      expect(dataset.imageSize).toBe(128);
      expect(await labelsOf(dataset, portraitName(0))).toMatchObject({ age: 79, years: 20 });
      expect(dataset.columns.map(({ name }) => name)).not.toContain('person');
    });

    it('offers to import a dropped table of codes, of the images of a data set', async () => {
      await dropOnWindow(page, join(folder, 'latents.csv'));
      const sheet = page.getByRole('dialog', { name: 'Import codes of latents' });
      await sheet.waitFor(PATIENCE);
      expect(await sheet.textContent()).toMatch(/60 codes of 4 dimensions/);
      await screenshots(page, 'codes-sheet');
      await look();
      // By the keyboard alone.
      await pressOn(page, sheet.getByRole('combobox', { name: /^Images that they are of/ }));
      await page.getByRole('option', { name: /^portraits/ }).waitFor();
      await page.keyboard.type('port');
      await page.keyboard.press('Enter');
      await pressOn(page, sheet.getByRole('button', { name: 'Import 60 codes' }));
      await expect.poll(runNames, PATIENCE).toContain('latents');
      const run = (await client.request('runs.list', {})).find(({ name }) => name === 'latents')!;
      const dataset = (await client.request('datasets.list', {})).find(({ name }) => name === 'portraits')!;
      expect(run).toMatchObject({ hasCodesOnly: true, dataset: { id: dataset.id }, imageSize: 128 });
      // Explore shows the points, and says what needs a decoder.
      await page.getByText('Traversals, interpolations and GIFs need a decoder.').waitFor(PATIENCE);
      await page.getByText(/latents is open: 60 codes of 4 dimensions/).waitFor();
      await screenshots(page, 'codes-explore');
      await look();
    });

    it('imports codes as points, which have no images to show', async () => {
      await page.reload();
      await page.getByText('Traversals, interpolations and GIFs need a decoder.').waitFor(PATIENCE);
      await dropOnWindow(page, join(folder, 'latents.csv'));
      const sheet = page.getByRole('dialog', { name: 'Import codes of latents' });
      await sheet.getByRole('textbox', { name: 'Name of the run' }).fill('cells');
      await sheet.getByRole('button', { name: 'Import 60 codes' }).click();
      await page.getByRole('button', { name: /^Data set: cells 60 points/ }).waitFor(PATIENCE);
      await page.getByText('Traversals, interpolations and GIFs need a decoder.').waitFor(PATIENCE);
      expect(await page.getByRole('radiogroup', { name: 'Points as' }).count()).toBe(0);
      await screenshots(page, 'points-explore');
      await viewButton(page, 'Data').click();
      await page.getByText('60 points without images').waitFor();
    });

    it('says of what it does not understand what to do', async () => {
      const labels = join(folder, 'labels.csv');
      await writeFile(labels, 'image_id,Smiling\n000001.jpg,1\n000002.jpg,-1\n');
      await dropOnWindow(page, labels);
      await page.getByText(/labels.csv holds no images and no codes\./).waitFor(PATIENCE);
      await page.getByText(/drop the folder of the images with the table in it/).waitFor();
      const text = join(folder, 'thesis.docx');
      await writeFile(text, 'Not a picture.');
      await dropOnWindow(page, text);
      await page.getByText(/There are no images, no model and no codes in thesis/).waitFor(PATIENCE);
    });

    it.skipIf(!existsSync(pretrained))('opens dropped weights and folders of models', async () => {
      const opened = [
        [join(pretrained, 'model.pt'), 'model'],
        [join(pretrained, 'model.safetensors'), 'model'],
        [pretrained, 'VAE_celeba'],
      ] as const;
      const before = await runNames();
      for (const [i, [path, name]] of opened.entries()) {
        await dropOnWindow(page, path);
        await expect.poll(async () => (await runNames()).length, PATIENCE).toBe(before.length + i + 1);
        await page.getByRole('button', { name: new RegExp(`^Run: ${name}`) }).waitFor(PATIENCE);
      }
      expect((await runNames()).filter((name) => !before.includes(name)).sort()).toEqual(
        opened.map(([, name]) => name).sort(),
      );
    });

    it('has had nothing serious for axe-core to find', () => expect(faults).toEqual([]));

    it('says nothing on the console', () => expect(complaints).toEqual([]));

    async function runNames(): Promise<string[]> {
      return (await client.request('runs.list', {})).map(({ name }) => name);
    }
  },
);
