import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import type { RunInfo, TrainingConfig } from '../../src/contract/run.ts';
import { tensor } from '../../src/contract/tensor.ts';
import { askServer } from './ask.ts';
import { findChromium, openWindow, screenshots, seriousFaults, startBrowser } from './browser.ts';
import { expectPixels, pixelsOf } from './faces.ts';
import { startServer, type Served } from './served.ts';
import { perform } from './steps.ts';
import { unexplainedTerms } from './terms.ts';

const PATIENCE = { timeout: 240_000, interval: 500 };
/** Of a row on a narrow window. */
const RANGE = 3;

const settings: Omit<TrainingConfig, 'objective'> = {
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

describe.skipIf(findChromium() === undefined)(
  'Compare and Measure, in a real browser',
  { timeout: 300_000 },
  () => {
    let served: Served;
    let client: Client;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    let dataset: string;
    let runs: readonly RunInfo[];
    /** What axe-core found wrong on the way. */
    const faults: string[] = [];

    beforeAll(async () => {
      served = await startServer();
      client = await askServer(served.url);
      await perform(client, { kind: 'sample-data', what: 'faces', count: 400, seed: 5, name: 'Drawn faces' });
      dataset = (await client.request('datasets.list', {})).find(({ name }) => name === 'Drawn faces')!.id;
      await perform(client, { kind: 'train', dataset, config: { ...settings, objective: { model: 'vae' } } });
      await perform(client, {
        kind: 'train',
        dataset,
        config: { ...settings, epochs: 1, objective: { model: 'beta-tcvae', alpha: 1, beta: 4, gamma: 1 } },
      });
      const everyRun = (await client.request('runs.list', {})).filter((run) => run.dataset?.id === dataset);
      // In the order in which they stand.
      runs = ['vae', 'beta-tcvae'].map((model) =>
        everyRun.find((run) => run.config.objective.model === model)!,
      );
      browser = await startBrowser();
      ({ page, complaints } = await openWindow(browser, served.url));
      await page.getByRole('navigation', { name: 'Views' }).waitFor();
    });
    afterAll(async () => {
      client.close();
      await browser.close();
      await served.stop();
    });

    async function look(): Promise<void> {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        faults.push(...(await seriousFaults(page)));
      }
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    }

    const row = (name: RegExp): Locator => page.getByRole('img', { name });

    /** The pixels of faces that stand beside each other. */
    function beside(images: readonly Uint8Array[], size: number): Uint8Array {
      const joined = new Uint8Array(images.length * size * size * 3);
      images.forEach((image, i) => {
        for (let y = 0; y < size; y++) {
          const line = image.subarray(y * size * 3, (y + 1) * size * 3);
          joined.set(line, (y * images.length + i) * size * 3);
        }
      });
      return joined;
    }

    /** Held-out images of the data set, the first ones. */
    async function heldOut(count: number): Promise<number[]> {
      const split = await client.request('datasets.split', {
        dataset,
        heldOutFraction: settings.heldOutFraction,
      });
      return [...split.data].flatMap((isHeldOut, i) => (isHeldOut === 1 ? [i] : [])).slice(0, count);
    }

    async function decoded(run: string, codes: readonly Float32Array[]): Promise<Uint8Array> {
      const z = Float32Array.from(codes.flatMap((code) => [...code]));
      const { data, shape } = await client.request('models.decode', {
        run,
        z: tensor('f32', [codes.length, settings.latentDim], z),
      });
      const bytes = data.length / codes.length;
      return beside(
        codes.map((_, i) => data.subarray(i * bytes, (i + 1) * bytes)),
        shape[1]!,
      );
    }

    it('puts the newest models side by side on images that none was trained on', async () => {
      await page.keyboard.press('4');
      await page.getByRole('heading', { name: 'β-TCVAE', level: 2 }).waitFor();
      const chooser = page.getByRole('button', { name: /^Compared runs: 2 runs burgess, seed 1/ });
      await chooser.waitFor();
      const images = await heldOut(8);
      const { posteriors } = await rebuilt(runs[0]!.id, images);
      await expectPixels(
        row(/^8 images that no model was trained on, as VAE/),
        beside(
          posteriors.map(({ original }) => original.data),
          64,
        ),
      );
      for (const [i, name] of ['VAE', 'β-TCVAE'].entries()) {
        const { reconstructions } = await rebuilt(runs[i]!.id, images);
        await expectPixels(row(new RegExp(`^The same faces, reconstructed by ${name}`)), reconstructions);
      }
    });

    it('decodes the same draws of the prior, and the next ones', async () => {
      for (const seed of [1, 2]) {
        if (seed === 2) await page.getByRole('button', { name: 'Next seed' }).click();
        for (const [i, name] of ['VAE', 'β-TCVAE'].entries()) {
          const { data } = await client.request('models.samples', { run: runs[i]!.id, seed, count: 8 });
          const codes = Array.from({ length: 8 }, (_, k) =>
            data.subarray(k * settings.latentDim, (k + 1) * settings.latentDim),
          );
          await expectPixels(
            row(new RegExp(`^Decoded by ${name} from 8 draws of the prior, seed ${seed}$`)),
            await decoded(runs[i]!.id, codes),
          );
        }
      }
    });

    it('shows each feature in the dimension of each model that carries it best', async () => {
      const first = row(/^One face with z\d of VAE, for .+ moved/).first();
      await first.waitFor({ timeout: 60_000 });
      const [, shown, feature] = /z(\d) of VAE, for (.+) moved/.exec(
        (await first.getAttribute('aria-label'))!,
      )!;
      const { columns, dimensions } = await client.request('models.match', { run: runs[0]!.id, dataset });
      const column = columns.findIndex(
        (name) => name.replaceAll('_', ' ').toLowerCase() === feature!.toLowerCase(),
      );
      const best = dimensions[column]!.reduce((a, b) => (b.bits > a.bits ? b : a));
      expect(Number(shown)).toBe(best.dimension);
      const { posteriors } = await rebuilt(runs[0]!.id, await heldOut(1));
      const codes = Array.from({ length: 8 }, (_, i) => {
        const z = posteriors[0]!.mu.data.slice();
        const offset = -RANGE + (2 * RANGE * i) / 7;
        z[best.dimension] = z[best.dimension]! + offset * (best.isReversed ? -1 : 1);
        return z;
      });
      await expectPixels(first, await decoded(runs[0]!.id, codes));
      await screenshots(page, 'compare');
      await look();
    });

    it('pulls a feature in every model by one slider', async () => {
      await page.getByRole('button', { name: 'Linked sliders' }).click();
      const slider = page.getByRole('slider').first();
      const title = /^(.+), in every model$/.exec((await slider.getAttribute('aria-label'))!)![1]!;
      const faces = ['VAE', 'β-TCVAE'].map((name) =>
        row(new RegExp(`with z\\d of ${name}, for ${title} moved`)),
      );
      const before = await Promise.all(faces.map(pixelsOf));
      await slider.focus();
      for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowRight');
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('+2.0 σ');
      for (const [i, face] of faces.entries()) {
        await expect.poll(() => pixelsOf(face), { timeout: 20_000 }).not.toEqual(before[i]);
      }
      await screenshots(page, 'compare-linked');
      await look();
      await page.getByRole('button', { name: 'Linked sliders' }).click();
    });

    it('takes a dimension that is chosen by hand', async () => {
      await page
        .getByRole('combobox', { name: /^Dimension of VAE for/ })
        .first()
        .click();
      const option = page.getByRole('option').last();
      const name = /z(\d)/.exec((await option.textContent())!)![1]!;
      await option.click();
      await row(new RegExp(`^One face with z${name} of VAE`))
        .first()
        .waitFor();
      await page.getByText('by hand').waitFor();
    });

    it('has every run on the plane and its error over epochs', async () => {
      const plane = page.getByRole('region', { name: 'Rate and distortion' });
      const words = (await plane.getByRole('img').getAttribute('aria-label'))!;
      for (const { heldOut } of runs) {
        expect(words).toContain(`${heldOut!.kl.toFixed(1)} nats`);
      }
      const curves = page.getByRole('region', { name: 'Error by epoch' }).getByRole('img');
      expect(await curves.getAttribute('aria-label')).toMatch(
        /^VAE: .+ after epoch 2; β-TCVAE: .+ after epoch 1$/,
      );
      const line = await page.getByRole('region', { name: 'In one line' }).textContent();
      expect(line).toContain('Trained differently: 1 and 2 epochs.');
      expect(await unexplainedTerms(page)).toEqual([]);
    });

    it('draws what it shows as a PDF', async () => {
      await page.getByRole('button', { name: 'Figures as PDF' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download', PATIENCE),
        page.getByRole('button', { name: 'Save PDF' }).click(),
      ]);
      const bytes = await readFile(await download.path());
      expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
      expect(bytes.length).toBeGreaterThan(20_000);
    });

    it('chooses runs in the title bar, two at least', async () => {
      await page.getByRole('button', { name: /^Compared runs/ }).click();
      const items = page.getByRole('menuitemcheckbox');
      const own = items.filter({ hasText: 'VAE on Drawn faces' }).first();
      expect(await own.getAttribute('aria-disabled')).toBe('true');
      const starter = items.filter({ hasText: 'Starter' });
      await starter.click();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Compared runs: 3 runs/ }).waitFor();
      await expect.poll(() => page.getByRole('heading', { level: 2 }).count()).toBe(3);
      await page.getByRole('button', { name: /^Compared runs/ }).click();
      await starter.click();
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('heading', { level: 2 }).count()).toBe(2);
    });

    it('measures a run, while it says how far it is, and keeps what it found', async () => {
      await page.keyboard.press('5');
      await page.getByRole('button', { name: /^Run:/ }).click();
      await page.getByRole('menuitem', { name: /^VAE on Drawn faces/ }).click();
      await page.getByText(/can be judged by the 13 factors of Drawn faces/).waitFor();
      await screenshots(page, 'measure-before');
      await look();
      await page.getByRole('button', { name: 'Choose metrics' }).click();
      // The two that take long.
      await page.getByRole('switch', { name: 'DCI, boosted trees' }).click();
      await page.getByRole('switch', { name: 'DCI, linear (L1)' }).click();
      await screenshots(page, 'measure-choice');
      await look();
      await page.locator('.popover').getByRole('button', { name: 'Measure' }).click();
      await page.getByRole('progressbar').first().waitFor();
      await page.getByRole('listbox', { name: 'Metrics' }).waitFor({ timeout: 240_000 });
      const stored = await client.request('runs.evaluation', { run: runs[0]!.id, dataset });
      const { metrics } = stored!.evaluation!;
      const options = page.getByRole('option');
      expect(await options.count()).toBe(Object.keys(metrics).length);
      for (const { title, value } of Object.values(metrics)) {
        const option = page.getByRole('option', { name: new RegExp(`^${escaped(title)} [0-9n]`) });
        const label = await option.textContent();
        expect(label).toContain(value === null ? 'not measured' : value.toFixed(2));
      }
      expect(await unexplainedTerms(page)).toEqual([]);
      await screenshots(page, 'measure');
      await look();
    });

    it('has the matrix behind the metric, cell by cell', async () => {
      const stored = await client.request('runs.evaluation', { run: runs[0]!.id, dataset });
      const matrix = stored!.evaluation!.metrics['mig']!.matrix!;
      const grid = page.getByRole('grid', { name: /^Mutual information/ });
      expect(await grid.getByRole('gridcell').count()).toBe(matrix.values.length);
      const cell = grid.getByRole('gridcell').first();
      await cell.focus();
      await page.keyboard.press('ArrowRight');
      const dimension = Number((await grid.getByRole('rowheader').first().textContent())!.trim().slice(1, 2));
      const bits = matrix.values[dimension * matrix.columns.length + 1]! / Math.LN2;
      await page
        .getByText(new RegExp(`^z${dimension}, .+: ${bits < 0.005 ? '0' : bits.toFixed(2)} bits$`))
        .waitFor();
    });

    it('gives the table to be downloaded', async () => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Table as CSV' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`${runs[0]!.id}-metrics.csv`);
      const [head, mig] = (await readFile(await download.path(), 'utf8')).split('\r\n');
      expect(head).toMatch(/^key,metric,value/);
      const stored = await client.request('runs.evaluation', { run: runs[0]!.id, dataset });
      expect(mig!.startsWith(`mig,MIG,${stored!.evaluation!.metrics['mig']!.value}`)).toBe(true);
    });

    it('stops a measurement that is not wanted any more, and keeps the one before', async () => {
      await page.getByRole('button', { name: 'Metrics', exact: true }).click();
      await page.getByRole('switch', { name: 'DCI, boosted trees' }).click();
      await page.locator('.popover').getByRole('button', { name: 'Measure' }).click();
      await page.getByRole('region', { name: 'Measure' }).getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Metrics', exact: true }).waitFor({ timeout: 60_000 });
      await page.getByRole('listbox', { name: 'Metrics' }).waitFor();
    });

    it('has had nothing serious for axe-core to find, in either theme', () => expect(faults).toEqual([]));

    it('says nothing on the console', () => expect(complaints).toEqual([]));

    const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

    async function rebuilt(run: string, images: readonly number[]) {
      const posteriors = await Promise.all(
        images.map((index) => client.request('models.posterior', { run, dataset, index })),
      );
      return {
        posteriors,
        reconstructions: beside(
          posteriors.map(({ reconstruction }) => reconstruction!.data),
          64,
        ),
      };
    }
  },
);
