import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import type { RunInfo } from '../../src/contract/run.ts';
import { runHere } from '../cli/run-cli.ts';
import { askServer } from './ask.ts';
import { findChromium, openWindow, screenshots, seriousFaults, startBrowser } from './browser.ts';
import { facesOf } from './faces.ts';
import { startServer, type Served } from './served.ts';
import { viewButton } from './steps.ts';

/** A few epochs of a small model; the machine may be busy. */
const PATIENCE = { timeout: 120_000, interval: 300 };

const SMALL = ['--architecture', 'burgess', '--latent', '6', '--batch', '16'];

describe.skipIf(findChromium() === undefined)(
  'what the window says of models that came to nothing, in a real browser',
  { timeout: 240_000 },
  () => {
    let folder: string;
    let served: Served;
    let client: Client;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    const faults: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'unravel-truth-'));
      const inWorkspace = (...argv: string[]) => runHere(...argv, '--workspace', folder);
      await inWorkspace('sample-data', 'sprites', '--count', '160', '--name', 'shapes');
      await inWorkspace('sample-data', 'sprites', '--count', '60', '--seed', '2', '--name', 'others');
      const train = ['train', 'shapes', ...SMALL, '--epochs', '4'];
      await inWorkspace(...train, '--model', 'vae', '--lr', '1e-9', '--name', 'still');
      await inWorkspace(...train, '--model', 'beta-vae', '--beta', '500', '--lr', '1e-3', '--name', 'flat');
      served = await startServer(folder);
      client = await askServer(served.url);
      browser = await startBrowser();
      ({ page, complaints } = await openWindow(browser, served.url));
    });
    afterAll(async () => {
      client.close();
      await browser.close();
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const choose = async (label: 'Run' | 'Data set', item: RegExp): Promise<void> => {
      await page.getByRole('button', { name: new RegExp(`^${label}:`) }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    const banner = (name: RegExp): Locator => page.getByRole('region', { name });
    const look = async (): Promise<void> => void faults.push(...(await seriousFaults(page)));
    const runs = (): Promise<RunInfo[]> => client.request('runs.list', {});

    it('says in Explore that a model has collapsed, and names no dimension', async () => {
      await facesOf(page).live.locator('canvas').waitFor();
      const collapsed = banner(/^Collapsed: 0 of 6 dimensions/);
      await collapsed.waitFor();
      expect(await collapsed.textContent()).toContain('Lower β');
      for (const number of [0, 1, 2, 3, 4, 5]) {
        expect(await page.getByRole('slider', { name: `z${number}, inactive`, exact: true }).count()).toBe(1);
      }
      await screenshots(page, 'explore-collapsed');
      await look();
    });

    it('does not call it done in Train, nor a run that has learned nothing', async () => {
      await viewButton(page, 'Train').click();
      const card = (name: string): Locator => page.getByRole('button', { name: new RegExp(`^${name}, `) });
      expect(await card('flat').getAttribute('aria-label')).toContain('flat, collapsed, 4 epochs');
      await card('still').click();
      await banner(/^It has learned nothing$/).waitFor();
      expect(await card('still').getAttribute('aria-label')).toContain('still, learned nothing, 4 epochs');
      await page
        .getByRole('button', { name: /^Train again with a learning rate of 0\.001, \d+ epochs$/ })
        .waitFor();
      await screenshots(page, 'train-learned-nothing');
      await look();
    });

    it('trains again with the change that it advises, by one button', async () => {
      await page.getByRole('button', { name: /^flat, / }).click();
      await page.getByRole('button', { name: 'Train again with β 1' }).click();
      await expect
        .poll(async () => (await runs())[0], PATIENCE)
        .toMatchObject({
          name: 'flat, β 1',
          state: 'done',
          config: { objective: { model: 'beta-vae', beta: 1 } },
        });
      await page.getByRole('heading', { name: 'flat, β 1', level: 2 }).waitFor();
    });

    it('asks before it encodes images that the model was not trained on, and offers its own', async () => {
      await viewButton(page, 'Explore').click();
      await choose('Run', /flat β-VAE/);
      await banner(/^Collapsed/).waitFor();
      await choose('Data set', /^others/);
      const question = page.getByRole('heading', { name: 'The model was not trained on these images' });
      await question.waitFor();
      await page.getByRole('button', { name: 'Train a model on others' }).waitFor();
      const pair = { run: (await runs()).find(({ name }) => name === 'flat')!.id, dataset: '' };
      const [others] = (await client.request('datasets.list', {})).filter(({ name }) => name === 'others');
      pair.dataset = others!.id;
      expect(await client.request('codes.ready', pair)).toEqual({ ready: false });
      await screenshots(page, 'explore-foreign-question');
      await look();

      await page.getByRole('button', { name: 'Encode others anyway' }).click();
      const note = banner(/^The model was not trained on these images$/);
      await note.waitFor();
      expect(await note.textContent()).toContain('flat was trained on shapes, not on others.');
      await screenshots(page, 'explore-foreign-note');
      await look();
      await note.getByRole('button', { name: 'Show shapes' }).click();
      await page.getByRole('button', { name: /^Data set: shapes/ }).waitFor();
      await expect.poll(() => note.count(), PATIENCE).toBe(0);
    });

    it('has had nothing serious for axe-core to find', () => expect(faults).toEqual([]));

    it('says nothing on the console', () => expect(complaints).toEqual([]));
  },
);
