import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Client } from '../../src/contract/client.ts';
import type { DatasetInfo } from '../../src/contract/dataset.ts';
import { isEnd, type Job, type JobRequest } from '../../src/contract/job.ts';
import type { RunInfo } from '../../src/contract/run.ts';
import type { ViewId } from '../../src/contract/views.ts';
import { isOwnRun } from '../fixtures/starters.ts';

/** For imports and trainings on a busy machine; the limit only ends a test that would otherwise wait for ever. */
export const PATIENCE = { timeout: 240_000, interval: 200 };

/** The button of the rail that shows a view. */
export const viewButton = (page: Page, name: Capitalize<ViewId>): Locator =>
  page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name });

/** The title bar's chooser, while what is chosen begins so. */
export const chosenIn = (page: Page, what: 'Data set' | 'Run', name: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^${what}: ${name}`) });

/** The form of a new run. */
export const newRunForm = (page: Page): Locator => page.getByRole('form', { name: 'New run' });

/** Makes the page save a file. @returns its name and bytes */
export async function savedBy(
  page: Page,
  action: () => Promise<void>,
): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download', PATIENCE), action()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Has a job done, while no other runs, and waits for its end. @throws its error */
export async function perform(client: Client, request: JobRequest): Promise<Job> {
  const ended = new Promise<Job>((resolve) => {
    const stop = client.on('job', (job) => {
      if (!isEnd(job.state)) return;
      stop();
      resolve(job);
    });
  });
  await client.request('jobs.start', request);
  const job = await ended;
  if (job.state !== 'done') throw new Error(job.error?.message ?? job.state);
  return job;
}

/** Waits until as many runs as said have ended beside the starters. @returns them, the newest first */
export async function trainedRuns(client: Client, count: number): Promise<readonly RunInfo[]> {
  const ended = async (): Promise<RunInfo[]> => {
    const training = (await client.request('jobs.list', {})).filter(
      ({ request }) => request.kind === 'train',
    );
    const failed = training.find(({ state }) => state === 'failed');
    if (failed) throw new Error(failed.error?.message ?? 'The training failed.');
    if (training.some(({ state }) => !isEnd(state))) return [];
    return (await client.request('runs.list', {})).filter((run) => isOwnRun(run) && run.state === 'done');
  };
  await expect.poll(async () => (await ended()).length, PATIENCE).toBe(count);
  return ended();
}

/** Waits until a data set of this name is there. */
export async function importedDataset(client: Client, name: string): Promise<DatasetInfo> {
  const find = async (): Promise<DatasetInfo | undefined> =>
    (await client.request('datasets.list', {})).find((dataset) => dataset.name === name);
  await expect.poll(find, PATIENCE).toBeDefined();
  return (await find())!;
}

/** Waits until Explore shows all codes and names of the chosen pair. */
export async function explored(page: Page): Promise<void> {
  await page.locator('section[aria-label="Explore"][aria-busy="false"]').waitFor(PATIENCE);
}
