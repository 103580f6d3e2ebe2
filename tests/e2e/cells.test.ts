import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import { isEnd } from '../../src/contract/job.ts';
import { PAPERS_SETTINGS, type TrainingConfig } from '../../src/contract/run.ts';
import { deepCell } from '../fixtures/deep-cells.ts';
import { askServer } from './ask.ts';
import {
  dropOnWindow,
  findChromium,
  openWindow,
  screenshots,
  seriousFaults,
  startBrowser,
} from './browser.ts';
import { startServer, type Served } from './served.ts';
import { viewButton } from './steps.ts';

const CELLS = 96;
const BROKEN = 20;
const PATIENCE = { timeout: 120_000, interval: 200 };

describe.skipIf(findChromium() === undefined)(
  'from 16-bit pictures of cells with a table to their labels in Explore, in a real browser',
  { timeout: 240_000 },
  () => {
    let folder: string;
    let served: Served;
    let client: Client;
    let browser: Browser;
    let page: Page;
    let complaints: string[];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'unravel-cells-'));
      const rows = ['name,treatment,dose,imaged'];
      for (let i = 0; i < CELLS; i++) {
        const isTreated = i % 2 === 1;
        const name = `cell-${String(i).padStart(2, '0')}.png`;
        await writeFile(
          join(folder, name),
          deepCell({ radius: isTreated ? 0.15 : 0.35, brightness: 0.8 }, i),
        );
        const dose = isTreated ? (i % 4 === 1 ? '2 µM' : '10 µM') : '0 µM';
        rows.push(`${name},${isTreated ? 'drug A' : 'control'},${dose},2026-03-0${1 + (i % 3)}`);
      }
      for (let i = 0; i < BROKEN; i++) await writeFile(join(folder, `mask-${i}.png`), 'no picture');
      await writeFile(join(folder, 'plate.csv'), rows.join('\n'));
      served = await startServer();
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

    it('proposes a stretched contrast, groups the files it cannot read, and says how many it imports', async () => {
      await page.getByRole('navigation', { name: 'Views' }).waitFor();
      await dropOnWindow(page, folder);
      const sheet = page.getByRole('dialog');
      const start = sheet.getByRole('button', { name: `Import ${CELLS} images` });
      await start.waitFor({ timeout: 60_000 });
      const stretched = sheet.getByRole('radio', { name: /^Stretched/ });
      await expect.poll(() => stretched.getAttribute('aria-checked'), PATIENCE).toBe('true');
      await stretched.press('ArrowRight');
      expect(await sheet.getByRole('radio', { name: /^As stored/ }).getAttribute('aria-checked')).toBe(
        'true',
      );
      await sheet.getByRole('radio', { name: /^As stored/ }).press('ArrowLeft');
      expect(await stretched.getAttribute('aria-checked')).toBe('true');
      const group = sheet.getByText(`${BROKEN} files: not an image: it holds text`);
      expect(await sheet.getByText('mask-7.png').isVisible()).toBe(false);
      await group.click();
      expect(await sheet.getByText('mask-7.png').isVisible()).toBe(true);
      await screenshots(page, 'drop-cells');
      expect(await seriousFaults(page)).toEqual([]);
      await start.click();
      const cells = async () =>
        (await client.request('datasets.list', {})).find(({ images }) => images === CELLS);
      await expect.poll(cells, PATIENCE).toBeDefined();
      const dataset = (await cells())!;
      expect(dataset.stretch?.bounds[1]).toBeLessThanOrEqual(4095);
      expect(dataset.skipped).toHaveLength(BROKEN);
      expect(dataset.columns.map(({ categories, date }) => categories ?? date?.from)).toEqual([
        ['control', 'drug A'],
        ['0 µM', '2 µM', '10 µM'],
        '2026-03-01',
      ]);
    });

    it('filters the images by the words of the table', async () => {
      await viewButton(page, 'Data').click();
      await page.getByLabel('Show All images').click();
      await page.getByRole('option', { name: 'treatment', exact: true }).click();
      await page.getByLabel('Value control').click();
      const options = page.getByRole('option');
      await expect.poll(() => options.allInnerTexts(), PATIENCE).toHaveLength(2);
      expect((await options.allInnerTexts()).map((text) => text.split('\n')[0])).toEqual([
        'control',
        'drug A',
      ]);
      await page.keyboard.press('Escape');
    });

    it('shows them in the legend and beside the pinned image, and dates as dates', async () => {
      const dataset = (await client.request('datasets.list', {})).find(({ images }) => images === CELLS)!;
      const ended = new Promise<string>((resolve) => {
        client.on('job', ({ request, state }) => {
          if (request.kind === 'train' && isEnd(state)) resolve(state);
        });
      });
      const config: TrainingConfig = {
        ...PAPERS_SETTINGS,
        objective: { model: 'vae' },
        architecture: 'burgess',
        latentDim: 4,
        epochs: 1,
        batchSize: 16,
        learningRate: 1e-3,
      };
      await client.request('jobs.start', { kind: 'train', dataset: dataset.id, config, name: 'cells' });
      expect(await ended).toBe('done');
      await page.reload();
      await viewButton(page, 'Explore').click();
      const legend = page.getByRole('region', { name: /^Legend: / });
      await legend.waitFor({ timeout: 60_000 });
      await page.getByLabel(/^Colour /).click();
      await page.getByRole('option', { name: 'Treatment', exact: true }).click();
      await expect
        .poll(() => legend.getByRole('button').allInnerTexts(), PATIENCE)
        .toEqual(['control', 'drug A'].map((word) => expect.stringContaining(word) as string));
      await page.getByLabel('Colour Treatment').click();
      await page.getByRole('option', { name: 'Imaged', exact: true }).click();
      await expect
        .poll(
          async () => (await legend.getByRole('button').allInnerTexts()).map((text) => text.split(/\s/)[0]),
          PATIENCE,
        )
        .toEqual(['2026-03-01', '2026-03-02', '2026-03-03']);
      await expect.poll(() => page.getByText(/^(Imaged )?2026-03-01$/).count(), PATIENCE).toBeGreaterThan(0);
      expect(complaints).toEqual([]);
    });
  },
);
