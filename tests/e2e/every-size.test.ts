import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import type { TrainingConfig } from '../../src/contract/run.ts';
import { TOUR_STEPS } from '../../src/renderer/state/tour-steps.ts';
import { askServer } from './ask.ts';
import {
  answered,
  dropOnWindow,
  findChromium,
  openWindow,
  seriousFaults,
  startBrowser,
  THEMES,
} from './browser.ts';
import { deepCell } from '../fixtures/deep-cells.ts';
import { facesOf } from './faces.ts';
import { startServer, type Served } from './served.ts';
import { EVERY_SIZE, keepPicture, layoutFaults, resizeTo, type SizeName } from './sizes.ts';
import { perform, viewButton } from './steps.ts';

const PATIENCE = { timeout: 120_000, interval: 200 };

const settings: TrainingConfig = {
  objective: { model: 'vae' },
  architecture: 'burgess',
  latentDim: 6,
  epochs: 2,
  batchSize: 32,
  learningRate: 1e-3,
  precision: 'full',
  seed: 1,
  heldOutFraction: 0.1,
  checkpointEverySteps: 0,
};
/** As long as people make them. */
const LONG_NAME = 'Portraits of the second cohort, cropped by hand';

describe.skipIf(findChromium() === undefined)(
  'every view at every size, in a real browser',
  { timeout: 240_000 },
  () => {
    let served: Served;
    let client: Client;
    let browser: Browser;
    let page: Page;
    let folder: string;
    let complaints: string[];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'unravel-e2e-sizes-'));
      served = await startServer(join(folder, 'workspace'));
      client = await askServer(served.url);
      const images = join(folder, 'cells');
      await mkdir(images);
      for (let i = 0; i < 12; i++) {
        const cell = deepCell({ radius: 8 + i, brightness: 0.5 + i / 30 }, i);
        await writeFile(join(images, `a name of a file as microscopes write it ${i}.png`), cell);
      }
      await writeFile(join(images, 'broken.png'), 'This is no image.');
      await perform(client, {
        kind: 'sample-data',
        what: 'faces',
        count: 40,
        seed: 5,
        name: 'Without a run',
      });
      await perform(client, { kind: 'sample-data', what: 'faces', count: 200, seed: 5, name: LONG_NAME });
      const dataset = await idOf(LONG_NAME);
      await perform(client, { kind: 'train', dataset, config: settings });
      const objective = { model: 'beta-tcvae', alpha: 1, beta: 4, gamma: 1 } as const;
      const run = await perform(client, { kind: 'train', dataset, config: { ...settings, objective } });
      await perform(client, {
        kind: 'evaluate',
        run: run.result!.run!,
        dataset,
        seed: 1,
        metrics: ['mig', 'elbo'],
      });
      browser = await startBrowser();
      ({ page, complaints } = await openWindow(browser, served.url));
      page.setDefaultTimeout(20_000);
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
    }, 240_000);
    afterAll(async () => {
      client.close();
      await browser.close();
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function idOf(name: string): Promise<string> {
      return (await client.request('datasets.list', {})).find((dataset) => dataset.name === name)!.id;
    }

    async function choose(what: 'Data set' | 'Run', name: RegExp): Promise<void> {
      await page.getByRole('button', { name: new RegExp(`^${what}:`) }).click();
      await page.getByRole('menuitem', { name }).first().click();
      await answered(page);
    }

    /** Measures what is shown at every size in both themes; each fault is named once, with the first size that has it. */
    async function expectRoom(name: string, anchor?: Locator): Promise<void> {
      const faults = new Map<string, string>();
      const add = (found: readonly string[], where: string): void => {
        for (const fault of found) if (!faults.has(fault)) faults.set(fault, where);
      };
      for (const size of Object.keys(EVERY_SIZE) as SizeName[]) {
        for (const theme of THEMES) {
          await resizeTo(page, size, theme);
          // What hangs on a button is looked at where the button is.
          if (anchor) {
            await anchor.scrollIntoViewIfNeeded();
            await answered(page);
          }
          const where = `${name}, ${size}, ${theme}`;
          add(await layoutFaults(page, size === 'phone'), where);
          if (size === '1024x700' || (size === 'phone' && theme === 'light'))
            add(await seriousFaults(page), where);
          await keepPicture(page, `${name}-${size}-${theme}`);
        }
      }
      await resizeTo(page, '1280x800', 'dark');
      // Softly, so that one fault does not hide those of the next view.
      expect.soft([...faults].map(([fault, where]) => `${where}: ${fault}`)).toEqual([]);
    }

    it('Explore, with a model and a legend', async () => {
      await choose('Data set', /Portraits/);
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
      await page.getByRole('combobox', { name: /^Colour/ }).click();
      await page
        .getByRole('option', { name: /^Hair colour/ })
        .first()
        .click();
      await page.getByRole('region', { name: /^Legend/ }).waitFor();
      await expectRoom('explore');
    });

    it('the form of an export', async () => {
      await page.getByRole('button', { name: /Export GIF/ }).click();
      await page.getByText(/^Frame \d+ of \d+$/).waitFor(PATIENCE);
      await expectRoom(
        'export',
        page.getByRole('region', { name: 'Track' }).getByRole('button', { name: /GIF/ }),
      );
      await page.keyboard.press('Escape');
    });

    it('Explore, Compare and Measure without a run', async () => {
      await choose('Data set', /Without a run/);
      for (const name of ['Explore', 'Compare', 'Measure'] as const) {
        await viewButton(page, name).click();
        await answered(page);
        await expectRoom(`${name.toLowerCase()}-empty`);
      }
      await choose('Data set', /Portraits/);
    });

    it('Compare, with two models', async () => {
      await viewButton(page, 'Compare').click();
      await page.getByRole('region', { name: 'Rate and distortion' }).waitFor(PATIENCE);
      await answered(page);
      await expectRoom('compare');
    });

    it('Measure, before and after it has measured', async () => {
      await viewButton(page, 'Measure').click();
      await choose('Run', /(^|chosen )VAE on/);
      await page.getByText(/can be judged by/).waitFor(PATIENCE);
      await expectRoom('measure-before');
      await choose('Run', /β-TCVAE on/);
      await page.getByRole('listbox', { name: 'Metrics' }).waitFor(PATIENCE);
      await expectRoom('measure');
    });

    it('Data, with images and where images are added', async () => {
      await viewButton(page, 'Data').click();
      await page.getByRole('region', { name: LONG_NAME }).waitFor(PATIENCE);
      await expectRoom('data');
      await page.getByRole('button', { name: 'Add images' }).click();
      await expectRoom('data-add');
    });

    it('the sheet of a dropped folder', async () => {
      await dropOnWindow(page, join(folder, 'cells'));
      await page
        .getByRole('dialog')
        .getByText(/12 images/)
        .first()
        .waitFor(PATIENCE);
      await answered(page);
      await expectRoom('drop');
      await page.keyboard.press('Escape');
    });

    it('the menus, the settings and the sheets of the window', async () => {
      await viewButton(page, 'Explore').click();
      await page.getByRole('button', { name: /^Run:/ }).click();
      await expectRoom('menu');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings' }).click();
      await expectRoom('settings');
      await page.keyboard.press('Escape');
      await page.keyboard.press('/');
      await page.getByRole('dialog', { name: 'Search' }).waitFor();
      await expectRoom('search');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await expectRoom('keys');
      await page.keyboard.press('Escape');
    });

    it('the tour, the glossary and the presentation', async () => {
      const help = page.getByRole('button', { name: 'Help', exact: true });
      const choose = async (item: string): Promise<void> => {
        await help.click();
        await page.getByRole('menuitem', { name: item }).click();
      };
      await viewButton(page, 'Explore').click();
      await help.click();
      await expectRoom('help');
      await page.keyboard.press('Escape');
      await choose('Tour of the window');
      for (const { title, target } of TOUR_STEPS) {
        await page.getByRole('dialog', { name: title }).waitFor();
        await expectRoom(`tour-${target}`);
        await page.getByRole('button', { name: /^(Next|Done)$/ }).click();
      }
      await choose('Glossary');
      await page.getByRole('dialog', { name: 'Glossary' }).waitFor();
      await expectRoom('glossary');
      await page.keyboard.press('Escape');
      // It takes the keys until it is gone.
      await page.getByRole('dialog', { name: 'Glossary' }).waitFor({ state: 'detached' });
      await page.keyboard.press('p');
      await page.getByRole('region', { name: 'Presentation' }).waitFor();
      await expectRoom('presentation');
      await page.keyboard.press('Escape');
      await help.waitFor();
    });

    it('Train, with its form, a run that has ended and one that runs', async () => {
      await viewButton(page, 'Train').click();
      await page
        .getByRole('heading', { name: /β-TCVAE/ })
        .first()
        .waitFor(PATIENCE);
      await expectRoom('train-done');
      await page.getByRole('button', { name: 'New run' }).click();
      await page.getByRole('form', { name: 'New run' }).waitFor();
      await answered(page);
      await expectRoom('train-form');
      const dataset = await idOf(LONG_NAME);
      const { id } = await client.request('jobs.start', {
        kind: 'train',
        dataset,
        config: { ...settings, epochs: 1000, latentDim: 10 },
      });
      await page.getByRole('button', { name: /^VAE, [0-9]+ of 1,000/ }).click();
      await page.getByRole('button', { name: 'Pause' }).waitFor(PATIENCE);
      await page.getByText(/of 1,000 epochs/).waitFor(PATIENCE);
      await expectRoom('train-running');
      await client.request('jobs.cancel', { job: id });
    });

    it('says nothing on the console', () => expect(complaints).toEqual([]));
  },
);
