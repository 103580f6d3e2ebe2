import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { decodeGif, frameColours } from '../../fixtures/decode-gif.ts';
import { writeMixedPhotos } from '../../fixtures/photos.ts';
import { facesOf } from '../faces.ts';
import { pressOn, typeInto } from '../keyboard.ts';
import { chosenIn, explored, importedDataset, newRunForm, PATIENCE, savedBy, trainedRuns } from '../steps.ts';
import { describeJourney } from './journey.ts';

const PHOTOS = 301;

// Nothing here may use the mouse.
describeJourney('an artist morphs between 301 mixed photos, by keyboard alone', (step) => {
  step(
    'opens the folder, sees which files are broken, and imports the others',
    async ({ page, client, folder }) => {
      const photos = join(folder, 'photos');
      await mkdir(photos);
      const broken = await writeMixedPhotos(photos, PHOTOS);
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
      await page.keyboard.press('1');
      await pressOn(page, page.getByRole('button', { name: 'Add images' }));
      await pressOn(page, page.getByRole('button', { name: 'Open a path…' }));
      await typeInto(page, page.getByRole('textbox', { name: /^A folder or zip/ }), photos);
      await page.keyboard.press('Enter');
      const sheet = page.getByRole('dialog', { name: 'Import photos' });
      const start = sheet.getByRole('button', { name: `Import ${PHOTOS - broken.length} images` });
      await start.waitFor(PATIENCE);
      await sheet.getByText(`3 of ${PHOTOS} files cannot be imported`).waitFor();
      // It has the keyboard as soon as something can be imported.
      await page.keyboard.press('Enter');
      const dataset = await importedDataset(client, 'photos');
      expect(dataset.images).toBe(PHOTOS - broken.length);
      expect(dataset.skipped.map(({ file }) => file).sort()).toEqual([...broken].sort());
      await chosenIn(page, 'Data set', 'photos').waitFor(PATIENCE);
    },
  );

  step('takes a quick look, made shorter', async ({ page, client }) => {
    await page.keyboard.press('2');
    const form = newRunForm(page);
    if (!(await form.isVisible())) await pressOn(page, page.getByRole('button', { name: 'New run' }));
    await page.getByRole('combobox', { name: 'Images photos' }).waitFor();
    await pressOn(page, form.getByRole('radio', { name: 'Quick look' }), ' ');
    await typeInto(page, form.getByRole('textbox', { name: 'Epochs' }), '6');
    await pressOn(page, form.getByRole('button', { name: 'Train', exact: true }));
    const [run] = await trainedRuns(client, 1);
    expect(run).toMatchObject({ state: 'done', epoch: 6, dataset: { name: 'photos' } });
    await pressOn(page, page.getByRole('button', { name: 'Explore this run' }));
  });

  step('chooses two photos for a morph', async ({ page }) => {
    await chosenIn(page, 'Data set', 'photos').waitFor();
    await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
    await explored(page);
    await pressOn(page, page.getByRole('button', { name: 'Interpolate…' }));
    await page.keyboard.press('ArrowRight');
    await page.getByRole('radiogroup', { name: 'Frames' }).waitFor();
    await page.getByRole('button', { name: /^to photo \d+/ }).waitFor();
  });

  step('exports the morph as a GIF that changes', async ({ page }) => {
    await page.keyboard.press('g');
    await page.getByRole('heading', { name: 'Export interpolation' }).waitFor();
    const save = page.getByRole('button', { name: 'Save GIF' });
    const { name, bytes } = await savedBy(page, () => pressOn(page, save));
    expect(name).toMatch(/\.gif$/);
    const gif = decodeGif(bytes);
    expect(gif.frames.length).toBeGreaterThan(10);
    const [first, middle] = [gif.frames[0]!, gif.frames[Math.floor(gif.frames.length / 2)]!];
    expect(frameColours(gif, first)).not.toEqual(frameColours(gif, middle));
  });
});
