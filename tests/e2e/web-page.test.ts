import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCondition } from '../../src/contract/condition.ts';
import { MOST_PAGE_BYTES } from '../../src/contract/page.ts';
import type { RunInfo, TrainingConfig } from '../../src/contract/run.ts';
import { openWorkspace, type Workspace } from '../../src/engine/basics/workspace.ts';
import { listDatasets, openDataset } from '../../src/engine/data/store.ts';
import { describeCondition } from '../../src/engine/inference/conditions.ts';
import { encodeImages } from '../../src/engine/inference/encode-images.ts';
import { openModel } from '../../src/engine/inference/model.ts';
import { initialWeights } from '../../src/engine/models/weights.ts';
import { unitToByte } from '../../src/engine/pictures/picture.ts';
import { writeCheckpoint } from '../../src/engine/runs/checkpoint.ts';
import { specOfRun } from '../../src/engine/runs/spec.ts';
import { createRun } from '../../src/engine/runs/store.ts';
import { lastLine, runHere } from '../cli/run-cli.ts';
import { aRun, paperConfig } from '../fixtures/infos.ts';
import { learnedStatistics, learnedWeights } from '../fixtures/learned-weights.ts';
import { findChromium, openWindow, seriousFaults, startBrowser } from './browser.ts';
import { facesOf, pixelsOf } from './faces.ts';

const FACES = 5000;
const FEW = 60;

let folder: string;
let workspace: Workspace;
const run = (...argv: string[]) => runHere(...argv, '--workspace', workspace.root);

/** A run as if it had been trained. */
async function makeRun(
  name: string,
  dataset: string,
  config: Partial<TrainingConfig>,
  more: Partial<RunInfo> = {},
): Promise<RunInfo> {
  const info = aRun({
    ...{ id: name, name, state: 'imported', dataset: { id: dataset, name: 'faces', images: FACES } },
    config: { ...paperConfig, ...config },
    ...more,
  });
  const spec = specOfRun(info);
  const weights = learnedWeights(initialWeights(spec, 3));
  const state = {
    weights,
    statistics: learnedStatistics(spec, weights),
    ...{ moments: undefined, step: 1, epoch: 1 },
  };
  await createRun(workspace, info, (staging) => writeCheckpoint(staging, state));
  return info;
}

/** The largest difference between the page's live picture and an image of the engine, 0 to 255. */
async function differenceOf(page: Page, expected: Float32Array): Promise<number> {
  const found = await pixelsOf(facesOf(page).live);
  // A canvas has three colours of a grey image, too.
  const repeated = found.length / expected.length;
  if (repeated !== 1 && repeated !== 3) return Infinity;
  return Math.max(
    ...found.map((byte, i) => Math.abs(byte - unitToByte(expected[Math.floor(i / repeated)]!))),
  );
}

/** The values of the sliders by dimension, as the page shows them. */
async function shownCode(page: Page, latentDim: number): Promise<Float32Array> {
  const z = new Float32Array(latentDim);
  for (const slider of await page.getByRole('slider', { name: /^z\d/ }).all()) {
    const dimension = Number(/^z(\d+)/.exec((await slider.getAttribute('aria-label'))!)![1]);
    z[dimension] = Number(await slider.getAttribute('aria-valuenow'));
  }
  return z;
}

describe.skipIf(findChromium() === undefined)('a web page', () => {
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unravel-page-'));
    workspace = openWorkspace(join(folder, 'workspace'));
    browser = await startBrowser();
    await run('sample-data', 'faces', '--count', String(FACES), '--seed', '1', '--name', 'faces');
    await run('sample-data', 'faces', '--count', String(FEW), '--seed', '2', '--name', 'few');
  }, 240_000);
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function datasetOf(name: string): Promise<string> {
    return (await listDatasets(workspace)).find((each) => each.name === name)!.id;
  }

  /** Opens a page without a network, whose every request besides its own file fails the test. */
  async function open(path: string): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const { page, complaints } = await openWindow(browser, 'about:blank');
    await page.context().setOffline(true);
    const requests: string[] = [];
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url())) requests.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    await facesOf(page).live.locator('canvas').waitFor({ timeout: 30_000 });
    return { page, complaints, requests };
  }

  it('of 5,000 faces and the paper’s network is small, and decodes from the disk as the engine does', async () => {
    const { id, config } = await makeRun('paper', await datasetOf('faces'), { architecture: 'paper' });
    const out = join(folder, 'page.html');
    const written = await run('export-page', 'paper', '--out', out, '--json');
    expect(written.code, written.stderr).toBe(0);
    expect(lastLine(written)).toMatchObject({ points: FACES, images: FACES });
    const { size } = await stat(out);
    expect(size).toBeLessThan(MOST_PAGE_BYTES);
    expect(lastLine(written)['bytes']).toBe(size);

    const { page, complaints, requests } = await open(out);
    expect(requests).toEqual([pathToFileURL(out).href]);
    const { latentDim } = config;
    const sliders = page.getByRole('slider', { name: /^z\d/ });
    expect(await sliders.count()).toBe(latentDim);

    const model = await openModel(workspace, id);
    const dataset = await openDataset(workspace, await datasetOf('faces'));
    const { mu } = await encodeImages(model, dataset, Uint32Array.of(0));
    await dataset.close();
    await expect
      .poll(() => differenceOf(page, model.decode(mu, 1)), { timeout: 20_000 })
      .toBeLessThanOrEqual(2);

    // Presses the first slider's line and pulls.
    const before = await pixelsOf(facesOf(page).live);
    const [slider] = await sliders.all();
    const dimension = Number(/^z(\d+)/.exec((await slider!.getAttribute('aria-label'))!)![1]);
    const line = (await slider!.boundingBox())!;
    await page.mouse.move(line.x + line.width * 0.3, line.y + line.height / 2);
    await page.mouse.down();
    await page.mouse.move(line.x + line.width * 0.6, line.y + line.height / 2, { steps: 5 });
    await page.mouse.up();
    const value = Number(await slider!.getAttribute('aria-valuenow'));
    expect(value).toBeGreaterThan(0.5);
    expect(value).toBeLessThan(1.1);
    const pulled = mu.slice();
    pulled[dimension] = value;
    const expected = model.decode(pulled, 1);
    model.dispose();
    await expect.poll(() => differenceOf(page, expected), { timeout: 20_000 }).toBeLessThanOrEqual(2);
    expect(await pixelsOf(facesOf(page).live)).not.toEqual(before);

    // A point loads its code, and all of them can be shown as images.
    await page.getByLabel('Scatter of latent codes').focus();
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => page.getByRole('heading', { level: 2 }).first().textContent())
      .not.toBe('face-00000');
    expect(await shownCode(page, latentDim)).not.toEqual(mu);
    await page.getByRole('radio', { name: 'Images' }).click();
    await page.getByRole('radio', { name: '2D' }).click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFaults(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await seriousFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(complaints).toEqual([]);
    await page.close();
  }, 240_000);

  it('of a conditional model decodes under the chosen condition', async () => {
    await run('sample-data', 'sprites', '--count', String(FEW), '--seed', '1', '--name', 'shapes');
    const dataset = await datasetOf('shapes');
    const images = await openDataset(workspace, dataset);
    const column = images.info.columns.find(({ type }) => type === 'categorical')!;
    const condition = await describeCondition(images, column.name);
    await images.close();
    const config = { architecture: 'burgess', latentDim: 6, condition: column.name } as const;
    const { id } = await makeRun('told', dataset, config, { condition, channels: 1 });
    const out = join(folder, 'told.html');
    const written = await run('export-page', 'told', '--no-images', '--out', out);
    expect(written.code, written.stderr).toBe(0);
    expect(written.stdout).toContain(`Wrote ${FEW} points without images`);

    const { page, complaints } = await open(out);
    await page
      .getByRole('combobox', { name: /^Condition: / })
      .or(page.getByRole('button', { name: /^Condition: / }))
      .click();
    const words = condition.categories!;
    await page.getByRole('option', { name: words.at(-1)! }).click();
    const model = await openModel(workspace, id);
    const faces = await openDataset(workspace, dataset);
    const { mu } = await encodeImages(model, faces, Uint32Array.of(0));
    await faces.close();
    const expected = model.decode(mu, 1, encodeCondition(condition, [words.length - 1]));
    model.dispose();
    await expect.poll(() => differenceOf(page, expected), { timeout: 20_000 }).toBeLessThanOrEqual(2);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('without images holds neither pictures nor names, and of an AE no prior', async () => {
    const objective = { model: 'ae' } as const;
    await makeRun('ae', await datasetOf('few'), { objective, architecture: 'burgess', latentDim: 4 });
    const [full, bare] = [join(folder, 'full.html'), join(folder, 'bare.html')];
    const shown = await run('export-page', 'ae', '--out', full);
    expect(shown.stderr).toContain('Images of few, their names and labels will be inside the file');
    await run('export-page', 'ae', '--no-images', '--out', bare);
    const text = await readFile(bare, 'utf8');
    expect(text).not.toContain('page-thumbnails">');
    expect(text).not.toContain('face-00001');
    expect(await readFile(full, 'utf8')).toContain('face-00001');
    const { page, complaints } = await open(bare);
    expect(await page.getByRole('radio', { name: 'Images' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Sample prior' }).count()).toBe(0);
    expect(await page.getByText('by deviation of μ').count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('is refused for a file of another kind and without a data set', async () => {
    const wrong = await run('export-page', 'ae', '--out', join(folder, 'page.pdf'));
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('must end in .html');
    const missing = await run('export-page', 'nobody', '--out', join(folder, 'x.html'));
    expect(missing.stderr).toContain('nobody');
    expect(missing.code).toBe(1);
  });
});
