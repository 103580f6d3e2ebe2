import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect } from 'vitest';
import { CAMERA_WHITE, deepCell } from '../../fixtures/deep-cells.ts';
import { dropOnWindow } from '../browser.ts';
import { facesOf } from '../faces.ts';
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

const CELLS = 400;

/** What stands in the table of a cell: drug A makes it small. */
function rowOf(i: number): { name: string; treatment: string; dose: string; imaged: string } {
  const isTreated = i % 2 === 1;
  return {
    name: `cell-${String(i).padStart(3, '0')}.png`,
    treatment: isTreated ? 'drug A' : 'control',
    dose: isTreated ? (i % 4 === 1 ? '2 µM' : '10 µM') : '0 µM',
    imaged: `2026-03-0${1 + (i % 3)}`,
  };
}

describeJourney('a biologist finds a phenotype in 400 16-bit images, and keeps the codes', (step) => {
  step(
    'drops the plate with its table, and accepts the stretched contrast',
    async ({ page, client, folder }) => {
      const plate = join(folder, 'plate-7');
      await mkdir(plate);
      for (let i = 0; i < CELLS; i++) {
        const { name, treatment } = rowOf(i);
        const isTreated = treatment === 'drug A';
        await writeFile(
          join(plate, name),
          deepCell({ radius: isTreated ? 0.15 : 0.35, brightness: isTreated ? 0.9 : 0.7 }, i),
        );
      }
      await writeFile(
        join(plate, 'plate.csv'),
        Papa.unparse(Array.from({ length: CELLS }, (_, i) => rowOf(i))),
      );
      await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
      await dropOnWindow(page, plate);
      const sheet = page.getByRole('dialog', { name: 'Import plate-7' });
      const start = sheet.getByRole('button', { name: `Import ${CELLS} images` });
      await start.waitFor(PATIENCE);
      expect(await sheet.getByRole('radio', { name: /^Stretched/ }).getAttribute('aria-checked')).toBe(
        'true',
      );
      await start.click();
      const dataset = await importedDataset(client, 'plate-7');
      expect(dataset.images).toBe(CELLS);
      expect(dataset.stretch!.bounds[1]).toBeLessThanOrEqual(CAMERA_WHITE);
      await chosenIn(page, 'Data set', 'plate-7').waitFor(PATIENCE);
    },
  );

  step('trains a model on them', async ({ page, client }) => {
    await viewButton(page, 'Train').click();
    const form = newRunForm(page);
    if (!(await form.isVisible())) await page.getByRole('button', { name: 'New run' }).click();
    await page.getByRole('combobox', { name: 'Images plate-7' }).waitFor();
    await form.getByRole('radio', { name: 'Quick look' }).click();
    await form.getByRole('textbox', { name: 'Latent dimensions' }).fill('6');
    await form.getByRole('textbox', { name: 'Epochs' }).fill('8');
    await form.getByRole('button', { name: 'Train', exact: true }).click();
    const [run] = await trainedRuns(client, 1);
    expect(run).toMatchObject({ state: 'done', dataset: { name: 'plate-7' } });
    await page.getByRole('button', { name: 'Explore this run' }).click();
  });

  step('finds the dimension of the treatment by its name, and the words in the legend', async ({ page }) => {
    await chosenIn(page, 'Data set', 'plate-7').waitFor();
    await facesOf(page).live.locator('canvas').waitFor(PATIENCE);
    await explored(page);
    const named = page.getByRole('slider', { name: /^z\d Treatment/ }).first();
    await named.waitFor(PATIENCE);
    await page.getByRole('combobox', { name: /^Colour/ }).click();
    await page.getByRole('option', { name: 'Treatment', exact: true }).click();
    const legend = page.getByRole('region', { name: 'Legend: Treatment' });
    await expect
      .poll(() => legend.getByRole('button').allInnerTexts(), PATIENCE)
      .toEqual(['control', 'drug A'].map((word) => expect.stringContaining(word) as string));
  });

  step('exports the codes as a table that has the words, doses and dates', async ({ page }) => {
    const named = page.getByRole('slider', { name: /^z\d Treatment/ }).first();
    const dimension = /^z(\d)/.exec((await named.getAttribute('aria-label'))!)![1]!;
    await viewButton(page, 'Train').click();
    await page.getByRole('button', { name: 'Actions for this run' }).click();
    const item = page.getByRole('menuitem', { name: 'Codes of plate-7 (CSV)' });
    const { name, bytes } = await savedBy(page, () => item.click());
    expect(name).toMatch(/codes of plate-7\.csv$/);
    const { data } = Papa.parse<Record<string, string>>(bytes.toString('utf8'), {
      header: true,
      skipEmptyLines: true,
    });
    expect(data).toHaveLength(CELLS);
    for (const [i, row] of data.entries()) expect(row).toMatchObject(rowOf(i));
    expect(separation(data, `mu_${dimension}`)).toBeGreaterThan(2);
  });
});

/** How far a column's means of both treatments are apart, in standard deviations within one. */
function separation(rows: readonly Record<string, string>[], column: string): number {
  const [a, b] = ['control', 'drug A'].map((word) => {
    const values = rows.filter(({ treatment }) => treatment === word).map((row) => Number(row[column]));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, variance };
  });
  return Math.abs(a!.mean - b!.mean) / Math.sqrt((a!.variance + b!.variance) / 2);
}
