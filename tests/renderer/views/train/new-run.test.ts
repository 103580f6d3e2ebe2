// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { DatasetInfo } from '../../../../src/contract/dataset.ts';
import type { JobRequest } from '../../../../src/contract/job.ts';
import { TrainState } from '../../../../src/renderer/views/train/state/train.svelte.ts';
import { aDataset, aJob, makeApp, settled } from '../../small-app.ts';
import NewRunInWindow from './NewRunInWindow.svelte';

afterEach(cleanup);

async function show(changes: Partial<DatasetInfo> = {}) {
  const started: JobRequest[] = [];
  const { app } = await makeApp({
    'datasets.list': () => [aDataset(changes)],
    'runs.rate': () => 400,
    'jobs.start': (request) => {
      started.push(request);
      return aJob({ request, state: 'queued' });
    },
  });
  const train = new TrainState(app);
  render(NewRunInWindow, { app, train });
  await settled();
  return { app, train, started };
}

const field = (name: string): HTMLInputElement => screen.getByRole('textbox', { name });

describe('NewRun', () => {
  it('trains the paper’s four with two clicks', async () => {
    const { started, train } = await show();
    await fireEvent.click(screen.getByRole('button', { name: 'The paper’s four' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Train 4 models' }));
    await settled();
    expect(started.map((request) => request.kind === 'train' && request.config.objective)).toEqual([
      { model: 'ae' },
      { model: 'vae' },
      { model: 'beta-vae', beta: 5, warmUp: 0 },
      { model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 },
    ]);
    expect(train.entry?.config?.objective.model).toBe('ae');
  });

  it('writes the formula with the weights as they are typed', async () => {
    await show();
    await fireEvent.input(field('β, weight of TC'), { target: { value: '6' } });
    screen.getByRole('math', { name: '‖x − g(z)‖² + MI + 6·TC + Σⱼ KL( q(zⱼ) ‖ p(zⱼ) )' });
  });

  it('refuses beside the field, in a sentence, and trains nothing until it is mended', async () => {
    const { started } = await show();
    await fireEvent.input(field('β, weight of TC'), { target: { value: '-20' } });
    expect(screen.getByRole('alert').textContent).toContain('β cannot be negative. The paper uses 20.');
    screen.getByRole('math', { name: /β·TC/ });
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Train' });
    expect(button.disabled).toBe(true);
    await fireEvent.submit(screen.getByRole('form', { name: 'New run' }));
    expect(started).toEqual([]);
    await fireEvent.input(field('β, weight of TC'), { target: { value: '20' } });
    expect(screen.queryByRole('alert')).toBeNull();
    expect(button.disabled).toBe(false);
  });

  it('says beforehand how long it will take', async () => {
    await show();
    screen.getByText('about 9 min at 400 images / s');
    await fireEvent.input(field('Epochs'), { target: { value: '300' } });
    await settled();
    screen.getByText('about 1 h 35 min at 400 images / s');
  });

  it('says what this processor can', async () => {
    await show();
    screen.getByText('this processor does not multiply bfloat16: mixed gains nothing');
  });

  it('does not train on next to nothing', async () => {
    await show({ images: 3 });
    screen.getByText(/Training needs at least 4 images/);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train' }).disabled).toBe(true);
  });

  it('does not train on images of a size that the architecture does not take, and does not time it', async () => {
    const { app, started } = await show({ imageSize: 128 });
    screen.getByText('8,000 images of 128 × 128');
    expect(screen.getByRole('alert').textContent).toBe(
      'The architecture paper takes images of 32×32 or 64×64 pixels, not of 128×128. ' +
        'Choose a data set with images of that size.',
    );
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train' }).disabled).toBe(true);
    await fireEvent.submit(screen.getByRole('form', { name: 'New run' }));
    expect(started).toEqual([]);
    app.library.datasets = [aDataset({ imageSize: 32 })];
    await settled();
    expect(screen.queryByRole('alert')).toBeNull();
    screen.getByText('8,000 images of 32 × 32');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train' }).disabled).toBe(false);
  });

  it('needs a model', async () => {
    await show();
    await fireEvent.click(screen.getByRole('checkbox', { name: 'β-TCVAE' }));
    screen.getByText('Choose a model.');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train' }).disabled).toBe(true);
  });

  it('trains one of the further family, its weights in its formula', async () => {
    const { started } = await show();
    expect(screen.queryByRole('checkbox', { name: 'VAE-GAN' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'More models' }));
    await fireEvent.click(screen.getByRole('checkbox', { name: 'β-TCVAE' }));
    await fireEvent.click(screen.getByRole('checkbox', { name: 'FactorVAE' }));
    await fireEvent.input(field('γ, weight of TC'), { target: { value: '10' } });
    screen.getByRole('math', { name: /10·TC/ });
    await fireEvent.click(screen.getByRole('button', { name: 'Train' }));
    await settled();
    expect(started.map((request) => request.kind === 'train' && request.config.objective)).toEqual([
      { model: 'factor-vae', gamma: 10 },
    ]);
  });

  it('says whose a weight is where several models have one', async () => {
    await show();
    await fireEvent.click(screen.getByRole('checkbox', { name: 'β-VAE' }));
    field('β, β-VAE');
    field('β, β-TCVAE');
  });

  it('queues a sweep, each run with a name of its own', async () => {
    const { started } = await show();
    await fireEvent.click(screen.getByRole('button', { name: 'Decoder, condition, sweep' }));
    await fireEvent.click(screen.getByRole('switch', { name: 'Sweep' }));
    await fireEvent.input(field('β, each of'), { target: { value: '1; 6' } });
    await fireEvent.input(field('Seeds'), { target: { value: '1, 1' } });
    expect(screen.getByRole('alert').textContent).toContain('Each number once.');
    await fireEvent.input(field('Seeds'), { target: { value: '1 2' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Train 4 models' }));
    await settled();
    expect(started.map((request) => request.kind === 'train' && request.name)).toEqual([
      'β-TCVAE, β = 1, seed 1',
      'β-TCVAE, β = 6, seed 1',
      'β-TCVAE, β = 1, seed 2',
      'β-TCVAE, β = 6, seed 2',
    ]);
  });

  it('is found as it was left', async () => {
    const { app } = await show();
    await fireEvent.input(field('Epochs'), { target: { value: '7' } });
    cleanup();
    render(NewRunInWindow, { app, train: new TrainState(app) });
    await settled();
    expect(field('Epochs').value).toBe('7');
  });
});
