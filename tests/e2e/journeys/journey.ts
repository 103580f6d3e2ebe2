import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/contract/client.ts';
import { askServer } from '../ask.ts';
import { findChromium, openWindow, startBrowser } from '../browser.ts';
import { startServer, type Served } from '../served.ts';

/** What a person on a journey has: a new window on an empty workspace, and a folder for files. */
export interface Journey {
  readonly page: Page;
  /** To ask the engine what the window should have done. */
  readonly client: Client;
  /** For the person's own files; removed afterwards. */
  readonly folder: string;
  /** What the console complained of so far. */
  readonly complaints: readonly string[];
}

/**
 * One person's way through the window, from an empty workspace to a file that is worth keeping, in a real browser. Steps
 * run in order, each with the time that it took printed at the end; after one that failed, the others are skipped.
 *
 * @param steps - declares the steps; the journey may be used within them
 * @param missing - why the journey cannot be made here
 */
export function describeJourney(
  title: string,
  steps: (step: (title: string, work: (journey: Journey) => Promise<void>) => void) => void,
  missing?: string,
): void {
  const reason = findChromium() === undefined ? 'there is no Chromium' : missing;
  const words = reason === undefined ? title : `${title} (skipped: ${reason})`;
  describe.skipIf(reason !== undefined)(words, { timeout: 300_000 }, () => {
    let served: Served;
    let browser: Browser;
    let journey: Journey;
    let hasFailed = false;
    const times: string[] = [];

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'unravel-journey-'));
      served = await startServer();
      const client = await askServer(served.url);
      browser = await startBrowser();
      journey = { ...(await openWindow(browser, served.url)), client, folder };
    });
    afterAll(async () => {
      journey.client.close();
      await browser.close();
      await served.stop();
      await rm(journey.folder, { recursive: true, force: true });
      process.stdout.write(`${title}\n${times.join('')}`);
    });

    steps((step, work) => {
      it(step, async ({ skip }) => {
        if (hasFailed) skip('an earlier step failed');
        const start = performance.now();
        hasFailed = true;
        await work(journey);
        hasFailed = false;
        times.push(`  ${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${step}\n`);
      });
    });

    it('says nothing on the console', () => expect(journey.complaints).toEqual([]));
  });
}
