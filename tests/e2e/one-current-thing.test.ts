import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import { listZip } from '../../src/engine/files/zip.ts';
import { builtEntry } from '../../src/engine/basics/entry.ts';
import { serveWorkspace, type ServedWorkspace } from '../../src/server/serve-workspace.ts';
import { eventually } from '../fixtures/eventually.ts';
import { writePyTorchModel } from '../fixtures/pytorch-model.ts';
import { askServer } from './ask.ts';
import {
  dropOnWindow,
  findChromium,
  openWindow,
  screenshots,
  seriousFaults,
  startBrowser,
} from './browser.ts';
import { clickAnotherPoint, facesOf, pinnedIndex } from './faces.ts';
import { startServer, type Served } from './served.ts';
import { viewButton } from './steps.ts';
import { isOwnRun } from '../fixtures/starters.ts';

const PATIENCE = { timeout: 120_000, interval: 200 };
const IMAGES = 200;

/**
 * Draws a few faces, and waits until the window has chosen and encoded them.
 *
 * @param shown - the name that the data set gets
 */
async function drawFaces(client: Client, page: Page, name: string, shown = name): Promise<void> {
  await client.request('jobs.start', { kind: 'sample-data', what: 'faces', count: IMAGES, seed: 3, name });
  await page.getByRole('button', { name: `Data set: ${shown} ${IMAGES} images` }).waitFor(PATIENCE);
  // They are not the images that the starter was trained on.
  await page.getByRole('button', { name: `Encode ${shown} anyway` }).click(PATIENCE);
  const isBusy = async (): Promise<boolean> =>
    (await client.request('jobs.list', {})).some(({ state }) => state === 'queued' || state === 'running');
  await page.locator('section[aria-label="Explore"][aria-busy="false"]').waitFor(PATIENCE);
  await eventually(async () => expect(await isBusy()).toBe(false));
}

describe.skipIf(findChromium() === undefined)(
  'data sets and runs in the window, in a real browser',
  { timeout: 240_000 },
  () => {
    let folder: string;
    let served: Served;
    let client: Client;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    const faults: string[] = [];
    const look = async (): Promise<void> => void faults.push(...(await seriousFaults(page)));
    const title = (what: 'Data set' | 'Run', name: string): Locator =>
      page.getByRole('button', { name: new RegExp(`^${what}: ${name}`) });

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'unravel-e2e-current-'));
      served = await startServer(join(folder, 'workspace'));
      client = await askServer(served.url);
      browser = await startBrowser();
      ({ page, complaints } = await openWindow(browser, served.url));
      await facesOf(page).live.locator('canvas').waitFor();
      await drawFaces(client, page, 'Sample faces', 'Sample faces 2');
    });
    afterAll(async () => {
      client.close();
      await browser.close();
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('never have the same name unasked', async () => {
      const names = (await client.request('datasets.list', {})).map(({ name }) => name);
      expect(names).toEqual(['Sample faces 2', 'Sample faces']);
    });

    it('are renamed by keyboard, but not to a name that is taken', async () => {
      await viewButton(page, 'Data').click();
      await screenshots(page, 'data-menus');
      await page.getByRole('list').getByRole('button', { name: 'Actions for Sample faces 2' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Rename…' }).waitFor();
      await look();
      await page.keyboard.press('Enter');
      const sheet = page.getByRole('dialog', { name: 'Rename' });
      await sheet.waitFor();
      await page.keyboard.type('Sample faces');
      await page.keyboard.press('Enter');
      await sheet.getByText('Another data set is already called Sample faces.').waitFor();
      await look();
      await page.keyboard.press('Control+A');
      await page.keyboard.type('small');
      await page.keyboard.press('Enter');
      await sheet.waitFor({ state: 'detached' });
      await title('Data set', 'small').waitFor();
      await page.getByRole('heading', { name: 'small', level: 2 }).waitFor();
    });

    it('open a model from its dropped folder', async () => {
      const model = join(folder, 'VAE_celeba');
      await writePyTorchModel(model, 'burgess-64-3');
      await dropOnWindow(page, model);
      await title('Run', 'VAE_celeba').waitFor(PATIENCE);
      await title('Data set', 'small').waitFor();
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
      const [run] = await client.request('runs.list', {});
      expect(run).toMatchObject({ name: 'VAE_celeba', state: 'imported' });
    });

    it('keep what is selected in every view, after a reload and after a restart', async () => {
      const index = await clickAnotherPoint(page);
      await page.getByRole('combobox', { name: /^Colour/ }).click();
      await page.getByRole('option', { name: /^Skin tone/ }).click();
      const legend = page.getByRole('region', { name: 'Legend: Skin tone' });
      await legend.waitFor();
      const row = page.getByRole('slider').nth(3);
      await row.focus();
      const opened = await row.getAttribute('aria-label');
      await viewButton(page, 'Data').click();
      await page.getByText(`${index + 1} of ${IMAGES}`).waitFor();
      await viewButton(page, 'Explore').click();
      expect(await pinnedIndex(page)).toBe(index);

      const holds = async (): Promise<void> => {
        await title('Run', 'VAE_celeba').waitFor(PATIENCE);
        await title('Data set', 'small').waitFor();
        await legend.waitFor(PATIENCE);
        await expect.poll(() => pinnedIndex(page), PATIENCE).toBe(index);
        expect(await page.getByRole('slider', { name: opened! }).count()).toBe(1);
      };
      await eventually(async () => {
        const kept = await client.request('app.recall', {});
        expect(kept.view).toBe('explore');
        expect(Object.values(kept.pinned)).toContain(index);
      });
      await page.reload();
      await holds();

      client.close();
      await served.stop();
      served = await startServer(join(folder, 'workspace'));
      client = await askServer(served.url);
      complaints.length = 0;
      await page.goto(served.url);
      await holds();
    });

    it('are removed at once, and come back by Undo', async () => {
      await viewButton(page, 'Train').click();
      const actions = page.getByRole('list').getByRole('button', { name: 'Actions for VAE_celeba' });
      await actions.click();
      await screenshots(page, 'run-menu');
      await look();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await page.getByText('Removed VAE_celeba.').waitFor();
      await actions.waitFor({ state: 'detached' });
      await title('Run', 'No run').waitFor();
      expect((await client.request('runs.list', {})).filter(isOwnRun)).toEqual([]);
      await look();
      await page.getByRole('button', { name: 'Undo' }).click();
      await actions.waitFor();
      await title('Run', 'VAE_celeba').waitFor();
      expect((await client.request('runs.list', {})).filter(isOwnRun)).toHaveLength(1);
    });

    it('are trained again with a change, on the form', async () => {
      const starter = page.getByRole('list').getByRole('listitem').filter({ hasText: 'Starter' });
      await starter.click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Train again with a change…' }).click();
      const form = page.getByRole('form', { name: 'New run' });
      const [run] = (await client.request('runs.list', {})).filter(({ name }) => name === 'Starter');
      const { latentDim, epochs } = run!.config;
      await expect
        .poll(() => form.getByRole('textbox', { name: 'Latent dimensions' }).inputValue())
        .toBe(String(latentDim));
      expect(await form.getByRole('textbox', { name: 'Epochs' }).inputValue()).toBe(String(epochs));
      // It is about the images that the run was trained on, in every view.
      await title('Data set', 'Sample faces').waitFor();
    });

    it('give away their images and labels, codes and models', async () => {
      const save = async (button: Locator, item: RegExp): Promise<string> => {
        await button.click();
        const entry = page.getByRole('menuitem', { name: item });
        const [download] = await Promise.all([page.waitForEvent('download', PATIENCE), entry.click()]);
        return download.path();
      };
      await viewButton(page, 'Data').click();
      await page.getByRole('button', { name: /^small / }).click();
      const own = page.getByRole('list').getByRole('button', { name: 'Actions for small' });
      const images = await listZip(await save(own, /^Images and labels/));
      expect(images.entries).toHaveLength(IMAGES + 1);
      await viewButton(page, 'Train').click();
      const run = page.getByRole('list').getByRole('button', { name: 'Actions for Starter' });
      const codes = await readFile(await save(run, /^Codes of small \(CSV\)/), 'utf8');
      expect(codes.trimEnd().split('\n')).toHaveLength(IMAGES + 1);
      const model = await listZip(await save(run, /^Model \(zip\)/));
      expect(model.entries.map(({ name }) => name)).toEqual(['checkpoint.safetensors', 'run.json']);
      const graphs = await listZip(await save(run, /^Model as ONNX/));
      expect(graphs.entries.map(({ name }) => name)).toEqual(['README.md', 'decoder.onnx', 'encoder.onnx']);
    });

    it('left nothing serious on the console or for axe-core', () => {
      // The server was started again meanwhile, and the page tried to reach it.
      expect(complaints.filter((text) => !/GPU stall|ERR_CONNECTION_REFUSED/.test(text))).toEqual([]);
      expect(faults).toEqual([]);
    });
  },
);

describe.skipIf(findChromium() === undefined)(
  'a data set that is removed for good, in a real browser',
  { timeout: 120_000 },
  () => {
    let workspace: string;
    let served: ServedWorkspace;
    let client: Client;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      workspace = await mkdtemp(join(tmpdir(), 'unravel-e2e-removed-'));
      served = await serveWorkspace({
        workspace,
        version: '0.0.0',
        pages: join(builtEntry('engine'), '../../renderer'),
        entries: { engine: builtEntry('engine'), job: builtEntry('job') },
        undoMs: 1,
        onTrouble: (error) => {
          throw error;
        },
      });
      client = await askServer(served.url);
      browser = await startBrowser();
      ({ page } = await openWindow(browser, served.url));
      await facesOf(page).live.locator('canvas').waitFor();
      await drawFaces(client, page, 'small');
    });
    afterAll(async () => {
      client.close();
      await browser.close();
      await served.close();
      await rm(workspace, { recursive: true, force: true });
    });

    it('leaves no file, and says so to whoever undoes too late', async () => {
      const datasets = join(workspace, 'datasets');
      expect(await readdir(datasets)).toHaveLength(2);
      await viewButton(page, 'Data').click();
      await page.getByRole('list').getByRole('button', { name: 'Actions for small' }).click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await page.getByText('Removed small.').waitFor();
      await expect.poll(() => readdir(datasets), PATIENCE).toHaveLength(1);
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('The data set can no longer be restored: its files are deleted.').waitFor();
    });
  },
);
