// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DatasetInfo } from '../../../../src/contract/dataset.ts';
import type { JobRequest } from '../../../../src/contract/job.ts';
import type { RunInfo } from '../../../../src/contract/run.ts';
import { outcomeOf } from '../../../../src/contract/verdict.ts';
import { runActions } from '../../../../src/renderer/state/item-actions.ts';
import SharpenRun from '../../../../src/renderer/views/train/SharpenRun.svelte';
import { sharpeningCurves } from '../../../../src/renderer/views/train/curves.ts';
import { listEntries } from '../../../../src/renderer/views/train/state/entries.ts';
import { renderInWindow } from '../../render-in-window.ts';
import { aDataset, aJob, aRun, makeApp, settled } from '../../small-app.ts';

afterEach(cleanup);

const sharpening = {
  origin: { id: 'run-1', name: 'β-TCVAE on faces', step: 1770 },
  adversarial: 0.8,
  perceptual: 0.5,
};

async function makeWith(runs: readonly RunInfo[], datasets: readonly DatasetInfo[] = [aDataset()]) {
  const started: JobRequest[] = [];
  const { app } = await makeApp({
    'datasets.list': () => [...datasets],
    'runs.list': () => [...runs],
    'runs.rate': ({ isSharpening }) => (isSharpening ? 100 : 400),
    'jobs.start': (request) => {
      started.push(request);
      return aJob({ request, state: 'queued' });
    },
  });
  return { app, started };
}

async function show(changes: Partial<RunInfo> = {}, datasets?: readonly DatasetInfo[]) {
  const run = aRun(changes);
  const made = await makeWith([run], datasets);
  const onclose = vi.fn();
  renderInWindow(made.app, SharpenRun, { run, onclose });
  await settled();
  return { ...made, onclose };
}

const field = (name: string): HTMLInputElement => screen.getByRole('textbox', { name });
const button = (): HTMLElement => screen.getByRole('button', { name: 'Sharpen' });

describe('the sheet that sharpens a run', () => {
  it('starts a job with what was typed, and says how long it takes and what stays', async () => {
    const { app, started, onclose } = await show();
    screen.getByText(/codes, sliders and scores are the same/);
    // 237 steps an epoch of 32 of 7,600 images, at 100 images a second.
    screen.getByText(/^1,185 steps, about 7 min\./);
    await fireEvent.input(field('Epochs'), { target: { value: '2' } });
    await fireEvent.input(field('Discriminator'), { target: { value: '1.5' } });
    screen.getByText(/^474 steps, about \d min\./);
    await fireEvent.click(button());
    await settled();
    const choices = { epochs: 2, adversarial: 1.5, perceptual: 0.5, learningRate: 0.0005 };
    expect(started).toEqual([{ kind: 'sharpen', run: 'run-1', choices }]);
    expect([app.view, app.trainTarget]).toEqual(['train', expect.any(String)]);
    expect(onclose).toHaveBeenCalled();
  });

  it('starts at Enter in a field', async () => {
    const { started, onclose } = await show();
    await fireEvent.keyDown(field('Features'), { key: 'Enter' });
    await settled();
    expect(started).toMatchObject([{ kind: 'sharpen', run: 'run-1' }]);
    expect(onclose).toHaveBeenCalledOnce();
  });

  it('refuses a weight that is out of range', async () => {
    const { started } = await show();
    await fireEvent.input(field('Features'), { target: { value: '101' } });
    expect(screen.getByRole('alert').textContent).toBe('From 0 to 100.');
    expect(button()).toHaveProperty('disabled', true);
    await fireEvent.submit(button().closest('form')!);
    await settled();
    expect(started).toEqual([]);
    await fireEvent.input(field('Epochs'), { target: { value: '0' } });
    expect(screen.getByRole('alert').textContent).toBe('At least 1.');
  });

  it('asks for images where the run’s own are not here', async () => {
    const other = aDataset({ id: 'others-1', name: 'others' });
    const { started } = await show({ dataset: null, state: 'imported' }, [
      other,
      aDataset({ id: 'grey-1', name: 'grey', channels: 1 }),
    ]);
    screen.getByLabelText('Images others');
    await fireEvent.click(button());
    await settled();
    expect(started).toMatchObject([{ kind: 'sharpen', dataset: 'others-1' }]);
  });
});

describe('a run’s menu', () => {
  const network = { name: 'a network' } as unknown as NonNullable<RunInfo['network']>;

  it.each([
    [
      'a VAE-GAN',
      { config: { ...aRun().config, objective: { model: 'vae-gan' } } },
      /against a discriminator/,
    ],
    ['layers of another program', { network, state: 'imported' }, /layers are those of another program/],
    ['codes only', { hasCodesOnly: true, state: 'imported' }, /the run has codes only/],
    ['images that are not here', { imageSize: 128, dataset: null, state: 'imported' }, /no images like/],
  ] as [string, Partial<RunInfo>, RegExp][])(
    'says why %s cannot be sharpened',
    async (_, changes, reason) => {
      const run = aRun(changes);
      const { app } = await makeWith([]);
      const action = runActions(app, run)[0]!.actions.find(({ label }) => label === 'Sharpen…')!;
      expect(action.refusal).toMatch(reason);
    },
  );

  it('opens the sheet for others, and trains a sharpened run again as its origin was', async () => {
    const [origin, run] = [aRun(), aRun({ id: 'run-2', name: 'sharp', sharpening })];
    const { app } = await makeWith([origin, run]);
    const act = (label: string): void =>
      runActions(app, run)[0]!
        .actions.find((action) => action.label === label)!
        .run();
    act('Sharpen…');
    expect([app.view, app.sharpenRequest]).toEqual(['train', { run: 'run-2' }]);
    act('Train again with a change…');
    expect(app.formRequest).toEqual({ config: origin.config });
    const alone = await makeWith([run]);
    const labels = runActions(alone.app, run)[0]!.actions.map(({ label }) => label);
    expect(labels).not.toContain('Train again with a change…');
  });
});

describe('a sharpening in Train', () => {
  it('is listed with its origin’s model and its own epochs before it has a run', () => {
    const choices = { epochs: 3 };
    const job = aJob({ request: { kind: 'sharpen', run: 'run-1', choices }, state: 'queued' });
    expect(listEntries([job], [aRun()])[0]).toMatchObject({
      title: 'β-TCVAE on faces sharpened',
      config: { objective: aRun().config.objective, epochs: 3, batchSize: 32 },
      datasetId: 'faces-1',
    });
  });

  it('has the curves of its own terms, and its error begins where its origin’s ended', () => {
    const terms = { reconstruction: 90, features: 2, adversarial: 0.5, discriminator: 0.4 };
    const loss = { total: 95, terms };
    const heldOut = { images: 9, reconstruction: 80, kl: 5, klPerDimension: [5], activeDimensions: 1 };
    const curves = sharpeningCurves(
      [{ step: 5, epoch: 1, loss, imagesPerSecond: 9 }],
      [{ epoch: 1, step: 10, loss, heldOut, seconds: 1 }],
      10,
      100,
    );
    expect(curves.map(({ name, points }) => [name, points])).toEqual([
      ['Training', [[0.5, 90]]],
      ['Features', [[0.5, 2]]],
      ['Adversarial', [[0.5, 0.5]]],
      ['Discriminator', [[0.5, 0.4]]],
      [
        'Error',
        [
          [0, 100],
          [1, 80],
        ],
      ],
    ]);
  });

  it('is not said to have learned nothing for its squared error', () => {
    const heldOut = {
      ...{ images: 9, reconstruction: 99, meanImage: 100 },
      ...{ kl: 5, klPerDimension: [5], activeDimensions: 1 },
    };
    expect(outcomeOf(aRun({ heldOut }))).toBe('nothing');
    expect(outcomeOf(aRun({ heldOut, sharpening }))).toBe('learned');
  });
});
