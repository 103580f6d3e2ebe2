// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { JobRequest } from '../../../../src/contract/job.ts';
import type { RunInfo } from '../../../../src/contract/run.ts';
import { runActions } from '../../../../src/renderer/state/item-actions.ts';
import TrainFurther from '../../../../src/renderer/views/train/TrainFurther.svelte';
import { renderInWindow } from '../../render-in-window.ts';
import { aDataset, aJob, aRun, makeApp, settled } from '../../small-app.ts';

afterEach(cleanup);

async function show(changes: Partial<RunInfo> = {}) {
  const started: JobRequest[] = [];
  const run = aRun(changes);
  const { app } = await makeApp({
    'datasets.list': () => [aDataset()],
    'runs.list': () => [run],
    'runs.rate': () => 400,
    'jobs.start': (request) => {
      started.push(request);
      return aJob({ request, state: 'queued' });
    },
  });
  const onclose = vi.fn();
  renderInWindow(app, TrainFurther, { run, onclose });
  await settled();
  return { app, run, started, onclose };
}

const field = (name: string): HTMLInputElement => screen.getByRole('textbox', { name });
const button = (): HTMLElement => screen.getByRole('button', { name: 'Train further' });

describe('TrainFurther', () => {
  it('goes on to twice the epochs at the same rate, and says how long that takes', async () => {
    const { app, started, onclose } = await show();
    expect(field('Epochs in all').value).toBe('60');
    expect(field('Learning rate').value).toBe('0.0001');
    // 59 steps an epoch of 128 of 7,600 images.
    screen.getByText(/^1,770 more steps, about \d+ min\./);
    await fireEvent.click(button());
    await settled();
    expect(started).toEqual([{ kind: 'resume', run: 'run-1', changes: { epochs: 60 } }]);
    expect(app.view).toBe('train');
    expect(app.trainTarget).toBeDefined();
    expect(onclose).toHaveBeenCalled();
  });

  it('takes another rate, and says what begins anew', async () => {
    const config = { ...aRun().config, optimiser: { schedule: 'cosine' } as const };
    const { started } = await show({ config });
    screen.getByText(/The cosine of the learning rate begins anew\./);
    await fireEvent.input(field('Epochs in all'), { target: { value: '45' } });
    await fireEvent.input(field('Learning rate'), { target: { value: '0.00005' } });
    screen.getByText('15 more');
    await fireEvent.click(button());
    await settled();
    expect(started).toEqual([
      { kind: 'resume', run: 'run-1', changes: { epochs: 45, learningRate: 0.00005 } },
    ]);
  });

  it('goes on at Enter in a field, unless what stands there is refused', async () => {
    const { started } = await show();
    const epochs = field('Epochs in all');
    await fireEvent.input(epochs, { target: { value: '30' } });
    await fireEvent.keyDown(epochs, { key: 'Enter' });
    await settled();
    expect(started).toEqual([]);
    await fireEvent.input(epochs, { target: { value: '45' } });
    await fireEvent.keyDown(epochs, { key: 'Enter' });
    await settled();
    expect(started).toEqual([{ kind: 'resume', run: 'run-1', changes: { epochs: 45 } }]);
  });

  it('refuses epochs that the run has had', async () => {
    const { started } = await show();
    await fireEvent.input(field('Epochs in all'), { target: { value: '30' } });
    expect(screen.getByRole('alert').textContent).toContain('It has had 30 epochs');
    expect(button()).toHaveProperty('disabled', true);
    await fireEvent.submit(button().closest('form')!);
    await settled();
    expect(started).toEqual([]);
  });
});

describe('a run’s menu', () => {
  const labels = (groups: ReturnType<typeof runActions>): string[] =>
    groups.flatMap(({ actions }) => actions.map(({ label }) => label));

  it('offers to train a run further that is done, on images that are there', async () => {
    const { app, run } = await show();
    expect(labels(runActions(app, run))).toContain('Train further…');
    expect(labels(runActions(app, aRun({ state: 'interrupted' })))).not.toContain('Train further…');
    expect(labels(runActions(app, aRun({ state: 'imported' })))).not.toContain('Train further…');
    expect(labels(runActions(app, aRun({ dataset: { id: 'gone', name: 'gone', images: 9 } })))).not.toContain(
      'Train further…',
    );
    runActions(app, run)[0]!
      .actions.find(({ label }) => label === 'Train further…')!
      .run();
    expect([app.view, app.furtherRun]).toEqual(['train', 'run-1']);
  });
});
