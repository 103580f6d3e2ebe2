import { expect } from 'vitest';
import { TOUR_STEPS } from '../../../src/renderer/state/tour-steps.ts';
import { decodeGif } from '../../fixtures/decode-gif.ts';
import { clickAnotherPoint, facesOf, pixelsOf } from '../faces.ts';
import {
  chosenIn,
  explored,
  importedDataset,
  newRunForm,
  PATIENCE,
  savedBy,
  trainedRuns,
  viewButton,
} from '../steps.ts';
import { describeJourney } from './journey.ts';
import { STARTERS } from '../../fixtures/starters.ts';

describeJourney('a teacher without images shows a model, trains one in class, and keeps a GIF', (step) => {
  step('is shown points and a face at the first launch', async ({ page, client }) => {
    await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
    await chosenIn(page, 'Data set', 'Sample faces').waitFor();
    await chosenIn(page, 'Run', 'Starter').waitFor();
    expect(await client.request('runs.list', {})).toHaveLength(STARTERS.length);
  });

  step('takes the tour that is offered', async ({ page }) => {
    await page.getByRole('button', { name: 'Take the tour' }).click();
    for (const { title } of TOUR_STEPS) {
      await page.getByRole('dialog', { name: title }).waitFor();
      await page.getByRole('button', { name: /^(Next|Done)$/ }).click();
    }
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  step('shows on a projector what a dimension does, by a point and a slider', async ({ page }) => {
    await explored(page);
    await clickAnotherPoint(page);
    await page.keyboard.press('p');
    const presentation = page.getByRole('region', { name: 'Presentation' });
    await presentation.waitFor();
    const slider = presentation.getByRole('slider').first();
    const live = presentation.getByRole('img', { name: 'Decoded from the live code' });
    const before = await pixelsOf(live);
    const box = (await slider.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2, { steps: 8 });
    await page.mouse.up();
    await expect.poll(() => pixelsOf(live)).not.toEqual(before);
    await page.keyboard.press('Escape');
    await presentation.waitFor({ state: 'detached' });
  });

  step('draws faces for the class, which get a name of their own', async ({ page, client }) => {
    await viewButton(page, 'Data').click();
    await page.getByRole('button', { name: 'Add images' }).click();
    await page.getByRole('button', { name: 'Sample faces drawn from 13 known factors' }).click();
    expect((await importedDataset(client, 'Sample faces 2')).images).toBe(10_000);
    await chosenIn(page, 'Data set', 'Sample faces 2').waitFor(PATIENCE);
  });

  step('trains a quick look in class, with numbers made smaller', async ({ page, client }) => {
    await viewButton(page, 'Train').click();
    await page.getByRole('button', { name: 'New run' }).click();
    const form = newRunForm(page);
    await page.getByRole('combobox', { name: 'Images Sample faces 2' }).waitFor();
    await form.getByRole('radio', { name: 'Quick look' }).click();
    await form.getByRole('textbox', { name: 'Epochs' }).fill('1');
    await form.getByRole('textbox', { name: 'Held out' }).fill('50');
    await form.getByRole('status').filter({ hasText: 'Quick look, changed' }).waitFor();
    await form.getByRole('button', { name: 'Train', exact: true }).click();
    const [run] = await trainedRuns(client, 1);
    expect(run).toMatchObject({
      state: 'done',
      epoch: 1,
      dataset: { name: 'Sample faces 2' },
      config: { heldOutFraction: 0.5 },
    });
  });

  step('opens the class’s own model from where it was trained', async ({ page, client }) => {
    const [run] = await trainedRuns(client, 1);
    await page.getByRole('button', { name: 'Explore this run' }).click();
    await chosenIn(page, 'Run', run!.name).waitFor();
    await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
    await explored(page);
  });

  step('exports a traversal as a GIF that plays', async ({ page }) => {
    await page.getByRole('button', { name: /Export GIF/ }).click();
    const save = page.getByRole('button', { name: 'Save GIF' });
    const { name, bytes } = await savedBy(page, () => save.click());
    expect(name).toMatch(/\.gif$/);
    const { frames, loops } = decodeGif(bytes);
    expect(frames.length).toBeGreaterThan(10);
    expect(loops).toBe(0);
  });
});
