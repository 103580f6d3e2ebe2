import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from '../../fixtures/eventually.ts';
import { answered, screenshots, seriousFaults } from '../browser.ts';
import { facesOf } from '../faces.ts';
import { pressOn, tabTo, typeInto } from '../keyboard.ts';
import { newRunForm, PATIENCE, perform, trainedRuns } from '../steps.ts';
import { describeJourney } from './journey.ts';
import { isOwnRun } from '../../fixtures/starters.ts';

/** Small layers, which train in seconds; the first has no kernel yet. */
const encoder = [
  { kind: 'conv', filters: 8, kernel: 4, stride: 4, activation: 'silu' },
  { kind: 'conv', filters: 16, kernel: 4, stride: 4, activation: 'silu' },
];
const own = {
  name: 'tiny',
  encoder,
  decoder: [
    { kind: 'dense', units: 256, activation: 'relu' },
    { kind: 'reshape', to: [4, 4, 16] },
    { kind: 'upsample', factor: 4 },
    { kind: 'conv-transpose', filters: 'channels', kernel: 4, stride: 4 },
  ],
};
const broken = { ...own, encoder: [{ kind: 'conv', filters: 8 }] };
const misfit = { ...own, decoder: own.decoder.slice(0, -1) };

/** Chooses a file by the keyboard: the button opens the browser's own dialog, which the test answers. */
async function openFile(page: Page, path: string): Promise<void> {
  const button = newRunForm(page).getByRole('button', { name: 'Open a JSON file…' });
  const [chooser] = await Promise.all([page.waitForEvent('filechooser', PATIENCE), pressOn(page, button)]);
  await chooser.setFiles(path);
}

// Nothing here may use the mouse.
describeJourney(
  'a modeller trains layers of their own, and goes on with the run, by keyboard alone',
  (step) => {
    const faults: string[] = [];
    const look = async (page: Page): Promise<void> => void faults.push(...(await seriousFaults(page)));

    step('sees the weights, the cost and the layers of an architecture', async ({ page, client }) => {
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
      const drawing = { kind: 'sample-data', what: 'faces', count: 320, seed: 5, name: 'small' } as const;
      await perform(client, drawing);
      await page.keyboard.press('2');
      const form = newRunForm(page);
      if (!(await form.isVisible())) await pressOn(page, page.getByRole('button', { name: 'New run' }));
      await pressOn(page, form.getByRole('combobox', { name: /^Images/ }));
      // The list opens with the next frame, and letters go to it only then.
      const small = page.getByRole('option', { name: 'small' });
      await small.waitFor(PATIENCE);
      await page.keyboard.type('small');
      await eventually(async () => expect(await small.getAttribute('data-highlighted')).not.toBeNull());
      await page.keyboard.press('Enter');
      await form.getByRole('combobox', { name: 'Images small' }).waitFor();
      await pressOn(page, form.getByRole('radio', { name: 'Quick look' }), ' ');
      await tabTo(
        page,
        form.getByRole('radiogroup', { name: 'Architecture' }).getByRole('radio', { checked: true }),
      );
      for (let press = 0; press < 3; press++) {
        if (await form.getByRole('radio', { name: 'residual' }).isChecked()) break;
        await page.keyboard.press('ArrowRight');
      }
      await form.getByText(/6\.3 million weights; a step of \d+ images/).waitFor(PATIENCE);
      await pressOn(page, form.getByRole('button', { name: 'Layers' }));
      const layers = form.getByRole('region', { name: 'Encoder' });
      await layers.waitFor();
      await eventually(async () => expect(await layers.getByText('residual block').count()).toBe(4));
      await screenshots(page, 'train-layers');
      await look(page);
      await pressOn(page, form.getByRole('button', { name: 'Layers' }));
    });

    step('is told where a file of layers is wrong, or does not fit the images', async ({ page, folder }) => {
      const form = newRunForm(page);
      const path = join(folder, 'tiny.json');
      await writeFile(path, JSON.stringify(broken));
      await openFile(page, path);
      const alert = form.getByRole('alert');
      await alert.getByText('Could not read tiny.json').waitFor();
      expect(await alert.textContent()).toContain('encoder.0.kernel is missing');
      expect(await form.getByRole('radio', { name: 'residual' }).isChecked()).toBe(true);
      await screenshots(page, 'train-architecture-refused');
      await look(page);
      await writeFile(path, JSON.stringify(misfit));
      await openFile(page, path);
      await alert.getByText('its decoder ends with 16×16×16, and the images are 64×64×3').waitFor(PATIENCE);
      expect(await form.getByRole('button', { name: 'Train', exact: true }).isEnabled()).toBe(false);
      await writeFile(path, JSON.stringify(own));
      await openFile(page, path);
      await form.getByText(/[\d,]+ weights; a step of/).waitFor(PATIENCE);
      expect(await alert.count()).toBe(0);
      expect(await form.getByRole('radio', { name: 'tiny' }).isChecked()).toBe(true);
    });

    step('adds a cosine and an average to Adam, and trains', async ({ page, client }) => {
      const form = newRunForm(page);
      const more = form.getByRole('button', { name: /^More settings for Adam/ });
      await typeInto(page, form.getByRole('textbox', { name: 'Epochs' }), '2');
      await typeInto(page, form.getByRole('textbox', { name: 'Learning rate' }), '0.001');
      await pressOn(page, more);
      await pressOn(page, form.getByRole('radio', { name: 'constant' }), 'ArrowRight');
      await typeInto(page, form.getByRole('textbox', { name: 'Averaging' }), '0.9');
      await screenshots(page, 'train-adam');
      await look(page);
      await page.keyboard.press('Shift+Tab');
      await pressOn(page, more);
      expect(await more.textContent()).toContain('cosine schedule, weights averaged with 0.9');
      await pressOn(page, form.getByRole('button', { name: 'Train', exact: true }));
      const [run] = await trainedRuns(client, 1);
      expect(run).toMatchObject({
        epoch: 2,
        config: {
          architecture: { name: 'tiny' },
          optimiser: { schedule: 'cosine', averageDecay: 0.9 },
          learningRate: 0.001,
        },
      });
    });

    step('trains the run further, at another rate', async ({ page, client }) => {
      await pressOn(page, page.getByRole('button', { name: 'Train further…' }));
      const sheet = page.getByRole('dialog', { name: 'Train further' });
      const epochs = sheet.getByRole('textbox', { name: 'Epochs in all' });
      await epochs.waitFor();
      expect(await epochs.inputValue()).toBe('4');
      await typeInto(page, epochs, '2');
      await sheet.getByRole('alert').getByText('It has had 2 epochs').waitFor();
      await page.keyboard.press('Control+a');
      await page.keyboard.type('5');
      await typeInto(page, sheet.getByRole('textbox', { name: 'Learning rate' }), '0.0005');
      await sheet.getByText(/more steps, about/).waitFor();
      await screenshots(page, 'train-further');
      await look(page);
      await pressOn(page, sheet.getByRole('button', { name: 'Train further' }));
      const now = async () => (await client.request('runs.list', {})).find(isOwnRun);
      await expect.poll(now, PATIENCE).toMatchObject({ state: 'done', epoch: 5 });
      const run = (await now())!;
      const [stage] = run.earlierStages!;
      expect(run.config).toMatchObject({ epochs: 5, learningRate: 0.0005 });
      expect(stage).toMatchObject({ epochs: 2, learningRate: 0.001 });
      const { epochs: kept } = await client.request('runs.metrics', { run: run.id });
      expect(kept.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
      await page
        .getByText(`2 epochs at 0.001 until step ${stage!.step}, then to 5 epochs at 0.0005`)
        .waitFor(PATIENCE);
      await page.getByRole('img', { name: new RegExp(`continued at step ${stage!.step}`) }).waitFor(PATIENCE);
      await answered(page);
      await screenshots(page, 'train-continued');
      await look(page);
    });

    step('takes settings as published, is told their source, changes one and goes back', async ({ page }) => {
      const form = newRunForm(page);
      await pressOn(page, page.getByRole('button', { name: 'New run' }));
      await pressOn(page, form.getByRole('combobox', { name: /^Settings as published/ }));
      const celeba = page.getByRole('option', { name: 'CelebA, Burgess et al. 2018' });
      await celeba.waitFor(PATIENCE);
      // The last one is the paper's own program.
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowUp');
      await eventually(async () => expect(await celeba.getAttribute('data-highlighted')).not.toBeNull());
      await page.keyboard.press('Enter');
      await form.getByText('Source: Burgess et al. 2018').waitFor();
      const batch = form.getByRole('textbox', { name: 'Batch' });
      await typeInto(page, batch, '32');
      await form.getByText('CelebA, Burgess et al. 2018, changed').waitFor();
      await screenshots(page, 'train-published');
      await look(page);
      await pressOn(page, form.getByRole('button', { name: 'Undo changes' }));
      await eventually(async () => expect(await batch.inputValue()).toBe('64'));
    });

    step('meets nothing serious that axe-core finds', () => {
      expect(faults).toEqual([]);
      return Promise.resolve();
    });
  },
);
