import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Client } from '../src/contract/client.ts';
import { UnravelError } from '../src/contract/errors.ts';
import { isEnd, type Job, type JobRequest } from '../src/contract/job.ts';
import { PAPERS_SETTINGS } from '../src/contract/run.ts';
import { encodePng, readPicture } from '../src/engine/pictures/png.ts';

import { findChromium, startBrowser, WINDOW } from './app/browser.ts';
import { connectTo, serve } from './app/served.ts';
import { root, scratchFolder } from './paths.ts';

const DOCS = join(root, 'docs');
/** Maximum size of a screenshot, so that the README loads quickly. */
const MOST_BYTES = 900_000;
/** After this time strips, thumbnails and menus are drawn. */
const SETTLED_MS = 1500;
const PATIENCE_MS = 20 * 60_000;

/** The image that is pinned, counted from 1, and the slider that is dragged. */
const PINNED = 13;
const PULLED = { slider: /^(a\d+) Sunglasses/, value: '-1.2' };

/** A short training for the screenshots: β-TCVAE on few sample faces. */
const FEW = 6000;
const EPOCHS = { all: 16, shown: 10 };
const training = (dataset: string): JobRequest => ({
  kind: 'train',
  dataset,
  config: {
    ...PAPERS_SETTINGS,
    objective: { model: 'beta-tcvae', alpha: 1, beta: 4, gamma: 1 },
    architecture: 'burgess',
    latentDim: 10,
    epochs: EPOCHS.all,
    batchSize: 64,
    learningRate: 1e-3,
  },
});

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Takes a screenshot of the window, compresses it, and writes it into docs/. */
async function picture(page: Page, name: string): Promise<void> {
  await page.mouse.move(WINDOW.width / 2, 2);
  await pause(SETTLED_MS);
  const taken = join(scratchFolder(), `${name}.png`);
  await page.screenshot({ path: taken });
  const path = join(DOCS, `${name}.png`);
  await writeFile(path, await encodePng(await readPicture(taken)));
  const { size } = await stat(path);
  say(`docs/${name}.png  ${Math.round(size / 1000)} kB`);
  if (size <= MOST_BYTES) return;
  throw new UnravelError('internal', `docs/${name}.png has ${size} bytes; ${MOST_BYTES} are the most.`);
}

async function openView(page: Page, name: 'Data' | 'Train' | 'Explore'): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name }).click();
}

/** What a first launch shows, with another pinned point and a pulled axis. */
async function explore(page: Page): Promise<void> {
  const number = page.getByRole('textbox', { name: 'Number of the image' });
  await number.fill(String(PINNED));
  await number.press('Enter');
  await pause(SETTLED_MS);
  const label = await page.getByRole('slider', { name: PULLED.slider }).getAttribute('aria-label');
  const [, axis] = PULLED.slider.exec(label ?? '') ?? [];
  const value = page.getByRole('textbox', { name: `Value of ${axis}`, exact: true });
  await value.fill(PULLED.value);
  await value.press('Enter');
  await value.blur();
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await picture(page, `explore-${theme}`);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
}

async function exportGif(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Export GIF/ }).click();
  await page.getByText(/^Frame \d+ of \d+$/).waitFor();
  await picture(page, 'export');
  await page.keyboard.press('Escape');
}

/** Runs a job to its end, or until it has made enough progress. */
async function work(
  client: Client,
  request: JobRequest,
  isEnough = (_: Job): boolean => false,
): Promise<Job> {
  const { id } = await client.request('jobs.start', request);
  const start = performance.now();
  while (performance.now() - start < PATIENCE_MS) {
    const job = (await client.request('jobs.list', {})).find((one) => one.id === id);
    if (job?.state === 'failed')
      throw new UnravelError('internal', job.error?.message ?? `${job.title} failed.`);
    if (job && (isEnd(job.state) || isEnough(job))) return job;
    await pause(500);
  }
  throw new UnravelError('internal', `The job of kind ${request.kind} takes too long.`);
}

/** A training under way. The data set of its own is made first. */
async function train(page: Page, client: Client): Promise<void> {
  say('training for docs/train.png, some minutes');
  const few = { kind: 'sample-data', what: 'faces', count: FEW, seed: 2, name: 'Drawn faces' } as const;
  const { result } = await work(client, few);
  await work(client, training(result!.dataset!), ({ progress }) => {
    return progress !== undefined && progress.done / progress.total > (EPOCHS.shown + 0.3) / EPOCHS.all;
  });
  await openView(page, 'Train');
  await page.getByRole('button', { name: /^β-TCVAE, \d+ of / }).click();
  await picture(page, 'train');
}

async function takeAll(browser: Browser): Promise<void> {
  const served = await serve();
  const client = await connectTo(served);
  try {
    const page = await browser.newPage({ viewport: WINDOW, colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.goto(served.url);
    await page.getByRole('img', { name: 'Decoded from the live code' }).locator('canvas').waitFor();
    await explore(page);
    await exportGif(page);
    await openView(page, 'Data');
    await picture(page, 'data');
    await train(page, client);
  } finally {
    client.close();
    await served.stop();
  }
}

/**
 * Makes the README's screenshots again, with the real app and sample faces only.
 *
 * @returns the exit code
 */
export async function main(): Promise<number> {
  const chromium = findChromium();
  if (chromium === undefined) {
    say(
      'There is no Chromium to take pictures with. Install it (Debian, Ubuntu: sudo apt install chromium).',
    );
    return 1;
  }
  await mkdir(DOCS, { recursive: true });
  const browser = await startBrowser(chromium, 'processor');
  try {
    await takeAll(browser);
    return 0;
  } finally {
    await browser.close();
  }
}
