import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import { PAPERS_SETTINGS } from '../../src/contract/run.ts';
import { askServer } from './ask.ts';
import { answered, findChromium, openWindow, screenshots, seriousFaults, startBrowser } from './browser.ts';
import { facesOf, pixelsOf } from './faces.ts';
import { jobProcesses, startServer, type Served } from './served.ts';
import { PATIENCE, perform, viewButton } from './steps.ts';
import { unexplainedTerms } from './terms.ts';

describe.skipIf(findChromium() === undefined)('sharpening a run, in a real browser', () => {
  let served: Served;
  let client: Client;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    served = await startServer();
    client = await askServer(served.url);
    const { result } = await perform(client, { kind: 'sample-data', what: 'faces', count: 120, seed: 3 });
    const small = { architecture: 'burgess', latentDim: 3, epochs: 1, batchSize: 16 } as const;
    await perform(client, {
      ...{ kind: 'train', dataset: result!.dataset!, name: 'first' },
      config: { ...PAPERS_SETTINGS, ...small, learningRate: 1e-3, objective: { model: 'vae' } },
    });
    browser = await startBrowser();
    ({ page, complaints } = await openWindow(browser, served.url));
    await facesOf(page).live.waitFor({ timeout: 30_000 });
    await viewButton(page, 'Train').click();
    await page.getByRole('button', { name: /^first, / }).click();
    await answered(page);
  }, 240_000);
  afterAll(async () => {
    client.close();
    await browser.close();
    await served.stop();
  });

  it('makes a run that says what it is, and what was gained at which error', async () => {
    await page.getByRole('button', { name: 'Sharpen…' }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Sharpen' });
    await sheet.getByRole('textbox', { name: 'Epochs' }).fill('1');
    await sheet.getByText(/^\d+ steps, about/).waitFor();
    await sheet.getByRole('button', { name: 'Sharpen', exact: true }).press('Enter');
    await page.getByText(/^Sharpened from first, at step \d+\./).waitFor({ timeout: 60_000 });
    const measured = page.getByRole('region', { name: 'Before and after' });
    const change = measured.getByRole('cell', { name: /^× \d+\.\d\d$/ });
    await expect.poll(() => change.count(), PATIENCE).toBe(2);
    const [run] = await client.request('runs.list', {});
    expect(run).toMatchObject({ name: 'first sharpened', state: 'done', epoch: 1 });
  });

  it('shows the same faces before and after, by a key or side by side', async () => {
    const faces = page.getByRole('region', { name: 'Held-out faces and prior samples' });
    await faces.getByRole('img', { name: 'Reconstruction 1 after' }).waitFor();
    await page.keyboard.press('b');
    await faces.getByRole('img', { name: 'Reconstruction 1 before' }).waitFor();
    await faces.getByRole('radio', { name: 'Before' }).focus();
    await page.keyboard.press('ArrowLeft');
    const [before, after] = ['before', 'after'].map((when) =>
      faces.getByRole('img', { name: `Reconstruction 1 ${when}` }),
    );
    const pixels = await Promise.all([pixelsOf(before!), pixelsOf(after!)]);
    expect(pixels[0]).not.toEqual(pixels[1]);
    expect(await unexplainedTerms(page)).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    await screenshots(page, 'sharpened');
    expect(complaints).toEqual([]);
  });

  it('is paused, resumed, and resumed once more after its process was killed', async () => {
    await page.getByRole('button', { name: /^first, / }).click();
    await page.getByRole('button', { name: 'Sharpen…' }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Sharpen' });
    await sheet.getByRole('textbox', { name: 'Epochs' }).fill('8');
    await sheet.getByRole('button', { name: 'Sharpen', exact: true }).press('Enter');
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    const resume = page.getByRole('button', { name: /^Resume from epoch \d$/ });
    const newest = async () => (await client.request('runs.list', {}))[0];
    await pause.press('Enter');
    await resume.waitFor(PATIENCE);
    await resume.press('Enter');
    await pause.waitFor(PATIENCE);
    const [job] = jobProcesses(served.process.pid!);
    process.kill(job!, 'SIGKILL');
    await page.getByText(/^Interrupted after epoch \d of 8$/).waitFor(PATIENCE);
    await resume.press('Enter');
    await expect.poll(newest, PATIENCE).toMatchObject({ state: 'done', epoch: 8 });
    // What was measured at the beginning, before the pause, is there to compare with.
    const measured = page.getByRole('region', { name: 'Before and after' });
    await expect.poll(() => measured.getByRole('cell', { name: /^× \d+\.\d\d$/ }).count(), PATIENCE).toBe(2);
    expect(complaints).toEqual([]);
  }, 240_000);
});
