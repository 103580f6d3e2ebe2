// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { SomeHandlers } from '../../../../src/contract/serve.ts';
import type { DatasetInfo } from '../../../../src/contract/dataset.ts';
import type { RunInfo } from '../../../../src/contract/run.ts';
import MeasureView from '../../../../src/renderer/views/measure/MeasureView.svelte';
import { renderInWindow } from '../../render-in-window.ts';
import { aDataset, aJob, aRun, makeApp, settled } from '../../small-app.ts';
import { aStoredEvaluation } from './an-evaluation.ts';

afterEach(cleanup);

const labelled = aDataset({ columns: [{ name: 'smile', type: 'binary', factor: false }] });

async function show(
  handlers: SomeHandlers,
  { datasets = [labelled], runs = [aRun()] }: { datasets?: DatasetInfo[]; runs?: RunInfo[] } = {},
) {
  const opened = await makeApp({ 'datasets.list': () => datasets, 'runs.list': () => runs, ...handlers });
  renderInWindow(opened.app, MeasureView, {});
  await settled();
  return opened;
}

/** What stands before the explanation: the metric and its score. */
const explained = (): string =>
  document.querySelector('.meaning b')!.textContent.replaceAll(/\s+/g, ' ').trim();

describe('Measure', () => {
  it('lists metrics, and explains the one that arrows choose', async () => {
    await show({ 'runs.evaluation': () => aStoredEvaluation() });
    const options = within(screen.getByRole('listbox', { name: 'Metrics' })).getAllByRole('option');
    expect(options.map((option) => option.getAttribute('aria-selected'))).toEqual(['false', 'true', 'false']);
    expect(explained()).toBe('MIG 0.10.');
    options[1]!.focus();
    await fireEvent.keyDown(options[1]!, { key: 'ArrowUp' });
    await settled();
    expect(document.activeElement).toBe(options[0]);
    expect(explained()).toBe('FactorVAE metric.');
    expect(screen.getByText(/This metric was not measured, so it has no matrix/)).toBeDefined();
    await fireEvent.keyDown(options[0]!, { key: 'End' });
    await settled();
    expect(explained()).toBe('Modularity 0.78.');
  });

  it('has the matrix as a table that arrows walk', async () => {
    await show({ 'runs.evaluation': () => aStoredEvaluation() });
    const grid = screen.getByRole('grid', { name: 'Mutual information of dimensions and labels' });
    expect(
      within(grid)
        .getAllByRole('rowheader')
        .map(({ textContent }) => textContent.trim()),
    ).toEqual(['z1 Hair colour', 'z2 Smile', 'z0 —']);
    expect(
      within(grid)
        .getAllByRole('columnheader')
        .map(({ textContent }) => textContent.trim()),
    ).toEqual(['Dimension', 'Smile', 'Hair colour']);
    const cells = within(grid).getAllByRole('gridcell');
    expect(cells).toHaveLength(6);
    expect(cells.filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
    cells[0]!.focus();
    await fireEvent.keyDown(cells[0]!, { key: 'ArrowRight' });
    await settled();
    expect(document.activeElement).toBe(cells[1]);
    expect(screen.getByText('z1, Hair colour: 1.00 bits')).toBeDefined();
    await fireEvent.keyDown(cells[1]!, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(cells[1]);
    await fireEvent.keyDown(cells[1]!, { key: 'ArrowDown' });
    await settled();
    expect(document.activeElement).toBe(cells[3]);
  });

  it('shows the parts of the KL', async () => {
    await show({ 'runs.evaluation': () => aStoredEvaluation() });
    const panel = within(screen.getByRole('region', { name: 'Parts of the KL' }));
    expect(panel.getByRole('heading').textContent).toBe('Parts of the KL of 15.9 nats');
    expect(panel.getByText('7.0')).toBeDefined();
    expect(panel.getByText('±0.05')).toBeDefined();
    expect(panel.getByText(/exact sums over 1,101 images/)).toBeDefined();
  });

  it('says that a measurement is of an earlier checkpoint, and offers another', async () => {
    await show({ 'runs.evaluation': () => aStoredEvaluation({ step: 100 }) });
    expect(screen.getByText('Measured at step 100; the run has come to step 1,770 since.')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Measure again' })).toBeDefined();
  });

  it('begins a measurement, follows it, and stops it', async () => {
    const cancelled: string[] = [];
    await show({
      'runs.evaluation': () => null,
      'jobs.start': (request) => aJob({ request, title: 'Measuring β-TCVAE on faces' }),
      'jobs.cancel': ({ job }) => {
        cancelled.push(job);
        return aJob({ state: 'cancelled' });
      },
    });
    expect(screen.getByText(/can be judged by the 1 label of faces: smile\./)).toBeDefined();
    await fireEvent.click(screen.getByRole('button', { name: 'Measure' }));
    await settled();
    const card = within(screen.getByRole('article', { name: 'Measuring β-TCVAE on faces' }));
    expect(card.getByRole('progressbar')).toBeDefined();
    await fireEvent.click(card.getByRole('button', { name: 'Cancel' }));
    await settled();
    expect(cancelled).toHaveLength(1);
  });

  it('teaches what to do where nothing is known of the images', async () => {
    const faces = aDataset({ id: 'faces-2', name: 'Sample faces', kind: 'faces' });
    const { app } = await show({ 'runs.evaluation': () => null }, { datasets: [aDataset(), faces] });
    expect(screen.getByText(/a folder of its own, or a table of labels/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Measure the parts of its KL' })).toBeDefined();
    await fireEvent.click(screen.getByRole('button', { name: 'Look at Sample faces' }));
    expect(app.dataset?.id).toBe('faces-2');
  });

  it('keeps the lesson beside the nats of images without labels', async () => {
    await show(
      { 'runs.evaluation': () => aStoredEvaluation({ evaluation: null }) },
      { datasets: [aDataset()] },
    );
    expect(screen.getByText(/a folder of its own, or a table of labels/)).toBeDefined();
    expect(screen.getByRole('region', { name: 'Parts of the KL' })).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Table as CSV' })).toBeNull();
  });

  it('asks for a model where there is none', async () => {
    const { app } = await show({}, { runs: [] });
    await fireEvent.click(screen.getByRole('button', { name: 'Train a model' }));
    expect(app.view).toBe('train');
  });
});
