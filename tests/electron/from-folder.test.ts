import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo } from '../../src/contract/run.ts';
import { someJpeg } from '../engine/image-files/pictures.ts';
import { LIVE_FACE, pixelsOf } from './harness/explore-page.ts';
import type { App } from './harness/launch.ts';
import { referenceEngine, type ReferenceEngine } from './harness/reference.ts';
import { launchUnravel, makeHome, noElectron } from './harness/unravel.ts';
import { isOwnRun, STARTERS } from '../fixtures/starters.ts';

const IMAGES = 600;
const EPOCHS = 12;

/** A folder of two folders of pictures, one file that is none, and tables: of labels, of more, and of something else. */
function makeFolder(folder: string): void {
  for (const name of ['left', 'right']) mkdirSync(join(folder, name), { recursive: true });
  for (let i = 0; i < IMAGES; i++)
    writeFileSync(join(folder, i % 3 ? 'left' : 'right', `${i}.jpg`), someJpeg(i));
  writeFileSync(join(folder, 'left', 'broken.jpg'), 'not a picture');
  const rows = Array.from({ length: IMAGES }, (_, i) => i);
  writeFileSync(join(folder, 'ages.csv'), ['file,age', ...rows.map((i) => `${i}.jpg,${i % 90}`)].join('\n'));
  writeFileSync(join(folder, 'moods.csv'), ['id,mood', ...rows.map((i) => `${i}.jpg,${i % 2}`)].join('\n'));
  writeFileSync(join(folder, 'cities.csv'), 'city,river\nBonn,Rhine\nUlm,Danube\n');
}

describe.skipIf(noElectron)(
  `from a dropped folder to a trained run${noElectron ? ` (skipped: ${noElectron})` : ''}`,
  { timeout: 240_000 },
  () => {
    const home = makeHome();
    const folder = join(home.workspace, '..', 'pictures');
    let app: App;
    let engine: ReferenceEngine;
    beforeAll(async () => {
      makeFolder(folder);
      app = await launchUnravel(home);
      await app.page.find('img', 'Decoded from the live code');
      engine = referenceEngine(home.workspace);
    });
    afterAll(async () => {
      await app.close();
      home.remove();
    });

    const newRun = async (): Promise<RunInfo | undefined> => (await engine['runs.list']({})).find(isOwnRun);

    it('shows what a dropped folder holds and imports it', async () => {
      await app.page.drop([folder], 'body');
      await app.page.find('dialog', 'Import pictures');
      await app.page.find('button', `Import ${IMAGES} images`);
      await app.page.until('previews', async () => (await app.page.names('img')).length >= 64);
      // Both tables that name the images are joined, until one is left out.
      await app.page.find('switch', 'ages.csv');
      await app.page.click('switch', 'moods.csv');
      await app.page.until('the rows without it', () =>
        app.page.evaluate(() => (document.body.textContent.match(/Not used/g) ?? []).length === 2),
      );
      await app.page.screenshot('dropped');
      await app.page.click('button', `Import ${IMAGES} images`);
      const [dataset] = await app.page.until('the data set', async () => {
        const all = await engine['datasets.list']({});
        return all.length > 1 ? all : undefined;
      });
      expect(dataset).toMatchObject({ name: 'pictures', images: IMAGES });
      const skipped = dataset!.skipped.map(({ file }) => file);
      expect(skipped).toEqual(expect.arrayContaining([expect.stringMatching(/broken\.jpg$/), 'cities.csv']));
      expect(dataset!.columns.map(({ name }) => name).sort()).toEqual(['age', 'folder']);
      await app.page.find('combobox', /^Data set: pictures/);
    });

    it('trains on it', async () => {
      await app.page.click('button', 'Train');
      await app.page.click('button', 'New run');
      await app.page.click('radio', 'burgess');
      await app.page.fill('Latent dimensions', '6');
      await app.page.fill('Epochs', String(EPOCHS));
      await app.page.fill(/^Batch/, '64');
      await app.page.screenshot('new-run');
      // The first is the view's.
      await app.page.click('button', 'Train', 'last');
      await app.page.until('an epoch', async () => ((await newRun())?.epoch ?? 0) > 0, 120_000);
      await app.page.screenshot('training');
    });

    it('survives the death of the training', async () => {
      const [pid] = await app.processes('job');
      process.kill(pid!, 'SIGKILL');
      await app.page.until('the interruption', async () => (await newRun())?.state === 'interrupted');
      await app.page.find('button', /^Resume/);
      await app.page.screenshot('interrupted');
      expect((await newRun())!.epoch).toBeLessThan(EPOCHS);
      // The window has lost nothing but the training.
      expect((await pixelsOf(app.page, LIVE_FACE)).length).toBe(STARTERS.at(-1)!.imageSize ** 2 * 3);
    });

    it('resumes it to the end', async () => {
      await app.page.click('button', /^Resume/);
      await app.page.until('the end', async () => (await newRun())?.state === 'done', 200_000);
      expect((await newRun())!.epoch).toBe(EPOCHS);
      const { epochs } = await engine['runs.metrics']({ run: (await newRun())!.id });
      expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: EPOCHS }, (_, i) => i + 1));
      await app.page.screenshot('trained');
    });

    it('asks before it quits while a model is being trained, and goes on with it after a restart', async () => {
      await app.page.click('button', 'New run');
      await app.page.fill('Epochs', '200');
      await app.page.click('button', 'Train', 'last');
      const state = async (): Promise<string | undefined> =>
        (await engine['runs.list']({})).find(({ config }) => config.epochs === 200)?.state;
      await app.page.until('the training', async () => (await state()) === 'running');
      await app.main.answerQuestions(1);
      await app.main.closeWindow();
      await app.page.until(
        'an answer',
        async () => (await app.main.evaluate('return globalThis.asked')) as number,
      );
      expect(await state()).toBe('running');
      await app.main.answerQuestions(0);
      expect(await app.close()).toBe(true);
      expect(await state()).toBe('interrupted');
      app = await launchUnravel(home);
      await app.page.until('the training again', async () => (await state()) === 'running', 60_000);
    });

    it('has nothing to complain of', () => {
      expect(app.page.complaints).toEqual([]);
    });
  },
);
